// The methods of times, durations, months, weekdays and zones.

#include <string>

#include "templating/helm/functions/clock.h"
#include "templating/helm/functions/values.h"

namespace headgate::templating::helm {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

const Moment& Of(Call& call, size_t argument = 0) {
  return call[argument].As<MomentObject>().moment;
}
CivilTime Civil(Call& call) { return Of(call).Civil(); }

int64_t Multiplied(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
}

Value Format(Call& call) { return call.New(FormatMoment(Of(call), call.Text(1))); }
Value AppendFormat(Call& call) {
  return Value::Bytes(
      call.heap()->Copy(std::string(call.Text(1)) + FormatMoment(Of(call), call.Text(2))));
}
Value TimeText(Call& call) { return call.New(Of(call).Text()); }

Value Json(Call& call, const char* name, bool quoted) {
  std::string error;
  std::optional<std::string> text = FormatJson(Of(call), &error);
  if (!text) return call.Fail("Time." + std::string(name) + ": " + error);
  return Value::Bytes(call.heap()->Copy(quoted ? "\"" + *text + "\"" : *text));
}
Value MarshalJson(Call& call) { return Json(call, "MarshalJSON", true); }
Value MarshalText(Call& call) { return Json(call, "MarshalText", false); }

Value Year(Call& call) { return Value::Int(Civil(call).year); }
Value Month(Call& call) { return Value::Number(Type::kMonth, Civil(call).month); }
Value Day(Call& call) { return Value::Int(Civil(call).day); }
Value Weekday(Call& call) { return Value::Number(Type::kWeekday, Civil(call).weekday); }
Value YearDay(Call& call) { return Value::Int(Civil(call).year_day); }
Value Hour(Call& call) { return Value::Int(Civil(call).hour); }
Value Minute(Call& call) { return Value::Int(Civil(call).minute); }
Value Second(Call& call) { return Value::Int(Civil(call).second); }
Value Nanosecond(Call& call) { return Value::Int(Of(call).nanoseconds); }

Value Unix(Call& call) { return Value::Int64(Of(call).seconds); }
Value UnixIn(Call& call, int64_t units) {
  const Moment& moment = Of(call);
  return Value::Int64(
      WrapAdd(Multiplied(moment.seconds, units), moment.nanoseconds / (kSecond / units)));
}
Value UnixMilli(Call& call) { return UnixIn(call, 1'000); }
Value UnixMicro(Call& call) { return UnixIn(call, 1'000'000); }
Value UnixNano(Call& call) { return UnixIn(call, kSecond); }

Value IsZero(Call& call) {
  return Value::Bool(Of(call).seconds == Moment::kZeroSeconds && Of(call).nanoseconds == 0);
}
Value IsDst(Call& call) { return Value::Bool(Of(call).Offset().summer); }

int Order(Call& call) { return Of(call).Compare(Of(call, 1)); }
Value Compare(Call& call) { return Value::Int(Order(call)); }
Value After(Call& call) { return Value::Bool(Order(call) > 0); }
Value Before(Call& call) { return Value::Bool(Order(call) < 0); }
Value Equal(Call& call) { return Value::Bool(Order(call) == 0); }

Value Add(Call& call) { return NewMoment(call, Of(call).Plus(call.Int(1))); }
Value Sub(Call& call) { return Value::Number(Type::kDuration, Of(call).Since(Of(call, 1))); }

Value AddDate(Call& call) {
  const Moment& moment = Of(call);
  const CivilTime civil = moment.Civil();
  return NewMoment(call,
                   AtCivil(WrapAdd(civil.year, call.Int(1)), WrapAdd(civil.month, call.Int(2)),
                           WrapAdd(civil.day, call.Int(3)), civil.hour, civil.minute, civil.second,
                           moment.nanoseconds, moment.zone));
}

// What is left of the time since the year 1, divided by a duration.
int64_t Rest(const Moment& moment, int64_t duration) {
  const __int128 since =
      (static_cast<__int128>(moment.seconds) - Moment::kZeroSeconds) * kSecond + moment.nanoseconds;
  const __int128 rest = since % duration;
  return static_cast<int64_t>(rest < 0 ? rest + duration : rest);
}

Moment WithoutMonotonic(Moment moment) {
  moment.monotonic.reset();
  return moment;
}

Value Truncate(Call& call) {
  const Moment moment = WithoutMonotonic(Of(call));
  if (call.Int(1) <= 0) return NewMoment(call, moment);
  return NewMoment(call, moment.Plus(-Rest(moment, call.Int(1))));
}

Value Round(Call& call) {
  const Moment moment = WithoutMonotonic(Of(call));
  const int64_t to = call.Int(1);
  if (to <= 0) return NewMoment(call, moment);
  const int64_t rest = Rest(moment, to);
  const bool down = static_cast<uint64_t>(rest) * 2 < static_cast<uint64_t>(to);
  return NewMoment(call, moment.Plus(down ? -rest : to - rest));
}

Value Utc(Call& call) { return NewMoment(call, Of(call).In(Zone::Utc())); }
Value Local(Call& call) { return NewMoment(call, Of(call).In(Zone::Local())); }
Value In(Call& call) {
  if (!call[1].object()) return call.Fail("time: missing Location in call to Time.In");
  return NewMoment(call, Of(call).In(call[1].As<ZoneObject>().zone));
}
Value Location(Call& call) {
  return Value::Of(call.heap()->New<ZoneObject>(Of(call).zone), Type::kLocation);
}

Value LocationText(Call& call) { return call.New(call[0].As<ZoneObject>().zone->name()); }

// Of whatever number has a name.
Value NamedText(Call& call) { return call.New(StringMethod(call[0]).value_or("")); }

// Whole units, and what is left of one.
Value InUnits(Call& call, int64_t unit) {
  const int64_t duration = call.Int(0);
  return Value::Float(static_cast<double>(duration / unit) +
                      static_cast<double>(duration % unit) / static_cast<double>(unit));
}
Value Hours(Call& call) { return InUnits(call, 3600 * kSecond); }
Value Minutes(Call& call) { return InUnits(call, 60 * kSecond); }
Value Seconds(Call& call) { return InUnits(call, kSecond); }
Value Milliseconds(Call& call) { return Value::Int64(call.Int(0) / 1'000'000); }
Value Microseconds(Call& call) { return Value::Int64(call.Int(0) / 1'000); }
Value Nanoseconds(Call& call) { return Value::Int64(call.Int(0)); }

Value Duration(int64_t nanoseconds) { return Value::Number(Type::kDuration, nanoseconds); }
Value DurationRounded(Call& call) { return Duration(RoundDuration(call.Int(0), call.Int(1))); }
Value DurationTruncated(Call& call) { return Duration(TruncateDuration(call.Int(0), call.Int(1))); }
Value Abs(Call& call) {
  const int64_t duration = call.Int(0);
  return Duration(duration == INT64_MIN ? INT64_MAX : duration < 0 ? -duration : duration);
}

constexpr Type kInt = Type::kInt, kDuration = Type::kDuration, kTime = Type::kTime;
constexpr Function kTimeMethods[] = {
    {"Format", {Type::kString}, Format},
    {"AppendFormat", {Type::kBytes, Type::kString}, AppendFormat},
    {"String", {}, TimeText},
    {"MarshalJSON", {}, MarshalJson},
    {"MarshalText", {}, MarshalText},
    {"Year", {}, Year},
    {"Month", {}, Month},
    {"Day", {}, Day},
    {"Weekday", {}, Weekday},
    {"YearDay", {}, YearDay},
    {"Hour", {}, Hour},
    {"Minute", {}, Minute},
    {"Second", {}, Second},
    {"Nanosecond", {}, Nanosecond},
    {"Unix", {}, Unix},
    {"UnixMilli", {}, UnixMilli},
    {"UnixMicro", {}, UnixMicro},
    {"UnixNano", {}, UnixNano},
    {"IsZero", {}, IsZero},
    {"IsDST", {}, IsDst},
    {"Compare", {kTime}, Compare},
    {"After", {kTime}, After},
    {"Before", {kTime}, Before},
    {"Equal", {kTime}, Equal},
    {"Add", {kDuration}, Add},
    {"Sub", {kTime}, Sub},
    {"AddDate", {kInt, kInt, kInt}, AddDate},
    {"Truncate", {kDuration}, Truncate},
    {"Round", {kDuration}, Round},
    {"UTC", {}, Utc},
    {"Local", {}, Local},
    {"In", {Type::kLocation}, In},
    {"Location", {}, Location},
};
constexpr Function kDurationMethods[] = {
    {"String", {}, NamedText},
    {"Hours", {}, Hours},
    {"Minutes", {}, Minutes},
    {"Seconds", {}, Seconds},
    {"Milliseconds", {}, Milliseconds},
    {"Microseconds", {}, Microseconds},
    {"Nanoseconds", {}, Nanoseconds},
    {"Round", {kDuration}, DurationRounded},
    {"Truncate", {kDuration}, DurationTruncated},
    {"Abs", {}, Abs},
};

}  // namespace

void AddDateMethods(FunctionTable* table) {
  for (const Function& method : kTimeMethods) table->AddMethod(kTime, method);
  for (const Function& method : kDurationMethods) table->AddMethod(kDuration, method);
  table->AddMethod(Type::kMonth, {"String", {}, NamedText});
  table->AddMethod(Type::kWeekday, {"String", {}, NamedText});
  table->AddMethod(Type::kLocation, {"String", {}, LocationText});
}

}  // namespace headgate::templating::helm
