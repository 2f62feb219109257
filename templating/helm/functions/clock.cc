#include "templating/helm/functions/clock.h"

#include <chrono>

namespace headgate::templating::helm {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

}  // namespace

Moment Now(Call& call) {
  using std::chrono::nanoseconds;
  Context& context = call.context();
  context.varied = true;
  const auto now = context.now ? context.now() : std::chrono::system_clock::now();
  const int64_t since = std::chrono::duration_cast<nanoseconds>(now.time_since_epoch()).count();
  Moment moment = Moment{0, 0, Zone::Local(), {}}.Plus(since);
  if (context.now) return moment;
  // As Go's, from some start on.
  static const auto kStart = std::chrono::steady_clock::now();
  moment.monotonic =
      std::chrono::duration_cast<nanoseconds>(std::chrono::steady_clock::now() - kStart).count();
  return moment;
}

Value NewMoment(Call& call, Moment moment) {
  return Value::Of(call.heap()->New<MomentObject>(std::move(moment)), Type::kTime);
}

int64_t TruncateDuration(int64_t duration, int64_t to) {
  return to <= 0 ? duration : duration - duration % to;
}

int64_t RoundDuration(int64_t duration, int64_t to) {
  if (to <= 0) return duration;
  const auto rest = static_cast<uint64_t>(duration < 0 ? -(duration % to) : duration % to);
  const bool down = rest + rest < static_cast<uint64_t>(to);
  const int64_t toward_zero = duration - duration % to;
  if (down) return toward_zero;
  int64_t away = 0;
  if (duration < 0) {
    return __builtin_sub_overflow(toward_zero, to, &away) ? INT64_MIN : away;
  }
  return __builtin_add_overflow(toward_zero, to, &away) ? INT64_MAX : away;
}

}  // namespace headgate::templating::helm
