// Times and durations. What is no time, to most of these functions, is now.

#include <chrono>
#include <string>

#include "templating/helm/functions/clock.h"
#include "templating/helm/functions/functions.h"
#include "templating/helm/functions/moment.h"
#include "templating/helm/functions/values.h"
#include "templating/helm/strconv.h"

namespace headgate::templating::helm {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

int64_t Multiplied(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
}

// A time, or seconds since 1970. `narrow`: those of int32 count too.
Moment ToMoment(Call& call, const Value& value, bool narrow) {
  if (value.type() == Type::kTime) return value.As<MomentObject>().moment;
  const Type type = value.type();
  if (type == Type::kInt64 || type == Type::kInt || (narrow && type == Type::kInt32)) {
    return {value.integer(), 0, Zone::Local(), {}};
  }
  return Now(call);
}

Value InZone(Call& call, std::string_view layout, const Value& value, std::string_view name) {
  std::shared_ptr<const Zone> zone = Zone::Load(name);
  if (!zone) zone = Zone::Utc();
  return call.New(FormatMoment(ToMoment(call, value, true).In(std::move(zone)), layout));
}

Value Date(Call& call) { return InZone(call, call.Text(0), call[1], "Local"); }
Value DateInZone(Call& call) { return InZone(call, call.Text(0), call[1], call.Text(2)); }
Value HtmlDate(Call& call) { return InZone(call, "2006-01-02", call[0], "Local"); }
Value HtmlDateInZone(Call& call) { return InZone(call, "2006-01-02", call[0], call.Text(1)); }

Value CurrentTime(Call& call) { return NewMoment(call, Now(call)); }

Value Modified(Call& call, bool must) {
  std::string error;
  const std::optional<int64_t> duration = ParseDuration(call.Text(0), &error);
  if (duration) return NewMoment(call, call[1].As<MomentObject>().moment.Plus(*duration));
  return must ? call.Fail(error) : call[1];
}
Value DateModify(Call& call) { return Modified(call, false); }
Value MustDateModify(Call& call) { return Modified(call, true); }

Value ToDateOrFail(Call& call, bool must) {
  std::string error;
  std::optional<Moment> moment = ParseMoment(call.Text(0), call.Text(1), Zone::Local(), &error);
  if (!moment && must) return call.Fail(error);
  return NewMoment(call, moment ? std::move(*moment) : Moment());
}
Value ToDate(Call& call) { return ToDateOrFail(call, false); }
Value MustToDate(Call& call) { return ToDateOrFail(call, true); }

Value UnixEpoch(Call& call) {
  return call.New(std::to_string(call[0].As<MomentObject>().moment.seconds));
}

Value Ago(Call& call) {
  const int64_t ago = Now(call).Since(ToMoment(call, call[0], false));
  return call.New(ShowDuration(RoundDuration(ago, kSecond)));
}

// Of seconds.
Value Duration(Call& call) {
  int64_t seconds = 0;
  if (call[0].is_string()) {
    const Parsed<int64_t> parsed = ParseInt(call[0].text(), 10);
    seconds = parsed.fault == NumberFault::kSyntax ? 0 : parsed.number;
  } else if (call[0].type() == Type::kInt64) {
    seconds = call[0].integer();
  }
  return call.New(ShowDuration(Multiplied(seconds, kSecond)));
}

// The largest unit that it is longer than, without sign.
Value DurationRound(Call& call) {
  struct Unit {
    uint64_t seconds;
    const char* name;
  };
  static constexpr Unit kUnits[] = {{365 * 86400, "y"}, {30 * 86400, "mo"}, {86400, "d"},
                                    {3600, "h"},        {60, "m"},          {1, "s"}};
  int64_t duration = 0;
  std::string error;
  if (call[0].is_string()) {
    duration = ParseDuration(call[0].text(), &error).value_or(0);
  } else if (call[0].type() == Type::kInt64) {
    duration = call[0].integer();
  } else if (call[0].type() == Type::kTime) {
    duration = Now(call).Since(call[0].As<MomentObject>().moment);
  }
  const auto bits = static_cast<uint64_t>(duration);
  const uint64_t size = duration < 0 ? 0 - bits : bits;
  for (const Unit& unit : kUnits) {
    const uint64_t nanoseconds = unit.seconds * kSecond;
    if (size > nanoseconds) return call.New(std::to_string(size / nanoseconds) + unit.name);
  }
  return Value::Text("0s");
}

constexpr Type kText = Type::kString, kAny = Type::kAny, kTime = Type::kTime;
constexpr Function kFunctions[] = {
    {"now", {}, CurrentTime},
    {"ago", {kAny}, Ago},
    {"date", {kText, kAny}, Date},
    {"dateInZone", {kText, kAny, kText}, DateInZone},
    {"date_in_zone", {kText, kAny, kText}, DateInZone},
    {"htmlDate", {kAny}, HtmlDate},
    {"htmlDateInZone", {kAny, kText}, HtmlDateInZone},
    {"dateModify", {kText, kTime}, DateModify},
    {"date_modify", {kText, kTime}, DateModify},
    {"mustDateModify", {kText, kTime}, MustDateModify},
    {"must_date_modify", {kText, kTime}, MustDateModify},
    {"toDate", {kText, kText}, ToDate},
    {"mustToDate", {kText, kText}, MustToDate},
    {"unixEpoch", {kTime}, UnixEpoch},
    {"duration", {kAny}, Duration},
    {"durationRound", {kAny}, DurationRound},
};

}  // namespace

void AddDates(FunctionTable* table) {
  table->Add(kFunctions);
  AddDateMethods(table);
}

}  // namespace headgate::templating::helm
