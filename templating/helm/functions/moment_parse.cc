// Times read by a layout.

#include <algorithm>
#include <array>
#include <cctype>

#include "templating/helm/functions/layout.h"
#include "templating/helm/functions/moment.h"

namespace headgate::templating::helm {
namespace {

bool IsDigit(std::string_view text, size_t at) {
  return at < text.size() && '0' <= text[at] && text[at] <= '9';
}

// Reads one text by one layout. Its functions say whether they found what they look for, and take
// it off `rest_`; `range_` names what is out of range.
class MomentReader {
 public:
  MomentReader(std::string_view layout, std::string_view text, std::shared_ptr<const Zone> zone)
      : layout_(layout), text_(text), rest_(text), zone_(std::move(zone)) {}

  std::optional<Moment> Read(std::string* error);

 private:
  bool Skip(std::string_view prefix);
  bool ReadPart(const LayoutPart& part, std::string_view following);
  bool Number(int64_t* number, bool two_digits);
  bool NumberIn(int64_t* number, bool two_digits, int64_t low, int64_t high, const char* what);
  bool Digits(int64_t* number, size_t count);
  bool Month(bool is_short);
  bool Weekday(bool is_short);
  bool Year(const LayoutPart& part);
  bool Day(Part part);
  bool YearDay(Part part);
  bool Second(bool two_digits, std::string_view following);
  bool Half(std::string_view am, std::string_view pm);
  bool Offset(const LayoutPart& part);
  bool ZoneName();
  bool Fraction(const LayoutPart& part);
  bool Nanoseconds(size_t size);
  bool DayOfYear(std::string* error);
  std::optional<Moment> Made(std::string* error);
  std::string Complaint(std::string_view text, std::string_view part) const;
  std::string Message(const std::string& message) const;

  std::string_view layout_, text_, rest_;
  std::shared_ptr<const Zone> zone_;
  std::string range_;

  int64_t year_ = 0, month_ = -1, day_ = -1, year_day_ = -1;
  int64_t hour_ = 0, minute_ = 0, second_ = 0, nanoseconds_ = 0;
  bool am_ = false, pm_ = false, utc_ = false;
  std::optional<int64_t> offset_;
  std::string zone_name_;
};

std::string MomentReader::Complaint(std::string_view text, std::string_view part) const {
  return "parsing time " + QuoteForTime(text_) + " as " + QuoteForTime(layout_) +
         ": cannot parse " + QuoteForTime(text) + " as " + QuoteForTime(part);
}

std::string MomentReader::Message(const std::string& message) const {
  return "parsing time " + QuoteForTime(text_) + ": " + message;
}

// The text between parts must be there; spaces may be of any number.
bool MomentReader::Skip(std::string_view prefix) {
  const auto cut = [](std::string_view* text) {
    text->remove_prefix(std::min(text->find_first_not_of(' '), text->size()));
  };
  while (!prefix.empty()) {
    if (prefix[0] == ' ') {
      if (!rest_.empty() && rest_[0] != ' ') return false;
      cut(&prefix);
      cut(&rest_);
      continue;
    }
    if (rest_.empty() || rest_[0] != prefix[0]) return false;
    prefix.remove_prefix(1);
    rest_.remove_prefix(1);
  }
  return true;
}

bool MomentReader::Digits(int64_t* number, size_t count) {
  *number = 0;
  for (size_t i = 0; i < count; ++i) *number = *number * 10 + (rest_[i] - '0');
  rest_.remove_prefix(count);
  return true;
}

bool MomentReader::Number(int64_t* number, bool two_digits) {
  if (!IsDigit(rest_, 0)) return false;
  if (IsDigit(rest_, 1)) return Digits(number, 2);
  return !two_digits && Digits(number, 1);
}

bool MomentReader::NumberIn(int64_t* number, bool two_digits, int64_t low, int64_t high,
                            const char* what) {
  if (!Number(number, two_digits)) return false;
  if (*number < low || *number > high) range_ = what;
  return true;
}

// A name of a month or day, in whatever case.
bool TakeName(std::string_view* text, Type type, int64_t from, int64_t count, bool is_short,
              int64_t* number) {
  for (int64_t i = from; i < from + count; ++i) {
    std::string name = *StringMethod(Value::Number(type, i));
    if (is_short) name.resize(3);
    if (text->size() < name.size()) continue;
    const bool same = std::equal(name.begin(), name.end(), text->begin(), [](char a, char b) {
      return std::tolower(static_cast<unsigned char>(a)) ==
             std::tolower(static_cast<unsigned char>(b));
    });
    if (!same) continue;
    *number = i;
    text->remove_prefix(name.size());
    return true;
  }
  return false;
}

bool MomentReader::Month(bool is_short) {
  return TakeName(&rest_, Type::kMonth, 1, 12, is_short, &month_);
}

bool MomentReader::Weekday(bool is_short) {
  int64_t ignored = 0;
  return TakeName(&rest_, Type::kWeekday, 0, 7, is_short, &ignored);
}

bool MomentReader::Year(const LayoutPart& part) {
  const size_t count = part.part == Part::kYear ? 2 : 4;
  if (rest_.size() < count) return false;
  for (size_t i = 0; i < count; ++i) {
    if (!IsDigit(rest_, i)) return false;
  }
  Digits(&year_, count);
  if (count == 2) year_ += year_ >= 69 ? 1900 : 2000;
  return true;
}

bool MomentReader::Day(Part part) {
  if (part == Part::kUnderDay && rest_.starts_with(' ')) rest_.remove_prefix(1);
  return Number(&day_, part == Part::kZeroDay);
}

bool MomentReader::YearDay(Part part) {
  for (int i = 0; i < 2 && part == Part::kUnderYearDay && rest_.starts_with(' '); ++i) {
    rest_.remove_prefix(1);
  }
  size_t count = 0;
  while (count < 3 && IsDigit(rest_, count)) ++count;
  if (count == 0 || (part == Part::kZeroYearDay && count != 3)) return false;
  return Digits(&year_day_, count);
}

// A fraction may follow even where the layout has none.
bool MomentReader::Second(bool two_digits, std::string_view following) {
  if (!NumberIn(&second_, two_digits, 0, 59, "second")) return false;
  if (!range_.empty() || rest_.size() < 2 || (rest_[0] != '.' && rest_[0] != ',') ||
      !IsDigit(rest_, 1)) {
    return true;
  }
  const Part next = NextPart(following).part;
  if (next == Part::kFraction0 || next == Part::kFraction9) return true;
  size_t size = 2;
  while (IsDigit(rest_, size)) ++size;
  return Nanoseconds(size);
}

bool MomentReader::Half(std::string_view am, std::string_view pm) {
  if (!rest_.starts_with(am) && !rest_.starts_with(pm)) return false;
  (rest_.starts_with(am) ? am_ : pm_) = true;
  rest_.remove_prefix(2);
  return true;
}

// A point or comma, and digits; those beyond the ninth do not count.
bool MomentReader::Nanoseconds(size_t size) {
  constexpr size_t kSizeMax = 10;
  if (rest_[0] != '.' && rest_[0] != ',') return false;
  int64_t number = 0;
  for (size_t i = 1; i < kSizeMax; ++i) {
    if (i < size && !IsDigit(rest_, i)) return false;
    number = number * 10 + (i < size ? rest_[i] - '0' : 0);
  }
  nanoseconds_ = number;
  rest_.remove_prefix(size);
  return true;
}

bool MomentReader::Fraction(const LayoutPart& part) {
  if (part.part == Part::kFraction0) {
    return rest_.size() > part.digits && Nanoseconds(part.digits + 1);
  }
  if (rest_.size() < 2 || (rest_[0] != '.' && rest_[0] != ',') || !IsDigit(rest_, 1)) return true;
  size_t size = 2;
  while (IsDigit(rest_, size)) ++size;
  return Nanoseconds(size);
}

bool MomentReader::Offset(const LayoutPart& part) {
  if (part.z && rest_.starts_with('Z')) {
    rest_.remove_prefix(1);
    utc_ = true;
    return true;
  }
  const size_t parts = 1 + (part.minutes ? 1u : 0u) + (part.seconds ? 1u : 0u);
  const size_t step = part.colons ? 3 : 2;
  const size_t size = 1 + parts * step - (part.colons ? 1 : 0);
  if (rest_.size() < size) return false;
  const char sign = rest_[0];
  std::array<int64_t, 3> numbers = {};
  for (size_t i = 0; i < parts; ++i) {
    const size_t at = 1 + i * step;
    if (i > 0 && part.colons && rest_[at - 1] != ':') return false;
    if (!IsDigit(rest_, at) || !IsDigit(rest_, at + 1)) return false;
    numbers[i] = (rest_[at] - '0') * 10 + (rest_[at + 1] - '0');
  }
  if (numbers[0] > 24) range_ = "time zone offset hour";
  if (numbers[1] > 60) range_ = "time zone offset minute";
  if (numbers[2] > 60) range_ = "time zone offset second";
  const int64_t seconds = (numbers[0] * 60 + numbers[1]) * 60 + numbers[2];
  offset_ = sign == '-' ? -seconds : seconds;
  rest_.remove_prefix(size);
  return sign == '+' || sign == '-';
}

// "+3", "-11": its length; 0 where it is none.
size_t SignedHours(std::string_view text) {
  constexpr int64_t kHoursMax = 23;
  if (text.empty() || (text[0] != '+' && text[0] != '-')) return 0;
  int64_t hours = 0;
  size_t size = 1;
  for (; IsDigit(text, size); ++size) {
    hours = std::min<int64_t>(hours * 10 + (text[size] - '0'), kHoursMax + 1);
  }
  return size == 1 || hours > kHoursMax ? 0 : size;
}

// The length of what looks like an abbreviation of a zone.
size_t ZoneNameSize(std::string_view text) {
  if (text.size() < 3) return 0;
  if (text.starts_with("ChST") || text.starts_with("MeST")) return 4;
  if (text.starts_with("GMT")) return 3 + SignedHours(text.substr(3));
  if (text[0] == '+' || text[0] == '-') return SignedHours(text);
  size_t upper = 0;
  while (upper < 6 && upper < text.size() && 'A' <= text[upper] && text[upper] <= 'Z') ++upper;
  if (upper == 5 && text[4] == 'T') return 5;
  if (upper == 4 && (text[3] == 'T' || text.starts_with("WITA"))) return 4;
  return upper == 3 ? 3 : 0;
}

bool MomentReader::ZoneName() {
  if (rest_.starts_with("UTC")) {
    utc_ = true;
    rest_.remove_prefix(3);
    return true;
  }
  const size_t size = ZoneNameSize(rest_);
  zone_name_ = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return size > 0;
}

bool MomentReader::ReadPart(const LayoutPart& part, std::string_view following) {
  switch (part.part) {
    case Part::kNone:
      return true;
    case Part::kLongMonth:
    case Part::kMonth:
      return Month(part.part == Part::kMonth);
    case Part::kNumMonth:
    case Part::kZeroMonth:
      return NumberIn(&month_, part.part == Part::kZeroMonth, 1, 12, "month");
    case Part::kLongWeekday:
    case Part::kWeekday:
      return Weekday(part.part == Part::kWeekday);
    case Part::kDay:
    case Part::kUnderDay:
    case Part::kZeroDay:
      return Day(part.part);
    case Part::kUnderYearDay:
    case Part::kZeroYearDay:
      return YearDay(part.part);
    case Part::kHour:
      return NumberIn(&hour_, false, 0, 23, "hour");
    case Part::kHour12:
    case Part::kZeroHour12:
      return NumberIn(&hour_, part.part == Part::kZeroHour12, 0, 12, "hour");
    case Part::kMinute:
    case Part::kZeroMinute:
      return NumberIn(&minute_, part.part == Part::kZeroMinute, 0, 59, "minute");
    case Part::kSecond:
    case Part::kZeroSecond:
      return Second(part.part == Part::kZeroSecond, following);
    case Part::kLongYear:
    case Part::kYear:
      return Year(part);
    case Part::kPM:
      return Half("AM", "PM");
    case Part::kpm:
      return Half("am", "pm");
    case Part::kZoneName:
      return ZoneName();
    case Part::kOffset:
      return Offset(part);
    case Part::kFraction0:
    case Part::kFraction9:
      return Fraction(part);
  }
  return false;
}

std::optional<Moment> MomentReader::Read(std::string* error) {
  for (std::string_view layout = layout_;;) {
    const LayoutPart part = NextPart(layout);
    if (!Skip(part.prefix)) {
      *error = Complaint(rest_, part.prefix);
      return std::nullopt;
    }
    if (part.part == Part::kNone) break;
    layout = part.rest;
    const std::string_view before = rest_;
    const bool read = ReadPart(part, layout);
    if (!range_.empty()) {
      *error = Message(range_ + " out of range");
      return std::nullopt;
    }
    if (!read) {
      *error = Complaint(before, part.text);
      return std::nullopt;
    }
  }
  if (!rest_.empty()) {
    *error = Message("extra text: " + QuoteForTime(rest_));
    return std::nullopt;
  }
  return Made(error);
}

// The month and day of a day of the year, which must be those that were read.
bool MomentReader::DayOfYear(std::string* error) {
  const bool leap = IsLeap(year_);
  if (year_day_ < 1 || year_day_ > (leap ? 366 : 365)) {
    *error = Message("day-of-year out of range");
    return false;
  }
  const CivilTime civil = ToCivil(FromCivil(year_, 1, year_day_, 0, 0, 0));
  if (month_ >= 0 && month_ != civil.month) *error = Message("day-of-year does not match month");
  if (day_ >= 0 && day_ != civil.day && error->empty()) {
    *error = Message("day-of-year does not match day");
  }
  month_ = civil.month;
  day_ = civil.day;
  return error->empty();
}

std::optional<Moment> MomentReader::Made(std::string* error) {
  if (pm_ && hour_ < 12) hour_ += 12;
  if (am_ && !pm_ && hour_ == 12) hour_ = 0;
  if (year_day_ >= 0 && !DayOfYear(error)) return std::nullopt;
  if (month_ < 0) month_ = 1;
  if (day_ < 0) day_ = 1;
  if (day_ < 1 || day_ > DaysIn(static_cast<int>(month_), year_)) {
    *error = Message("day out of range");
    return std::nullopt;
  }
  const auto in = [this](std::shared_ptr<const Zone> zone) {
    return AtCivil(year_, month_, day_, hour_, minute_, second_, nanoseconds_, std::move(zone));
  };
  if (utc_) return in(Zone::Utc());
  Moment moment = in(Zone::Utc());
  // The zone of the caller, where it has that offset or name then; else one that is made up.
  if (offset_) {
    moment.seconds -= *offset_;
    const ZoneOffset there = zone_->At(moment.seconds);
    const bool same = there.seconds == *offset_ && (zone_name_.empty() || there.name == zone_name_);
    moment.zone = same ? zone_ : Zone::Fixed(zone_name_, *offset_);
    return moment;
  }
  if (zone_name_.empty()) return in(zone_);
  if (const std::optional<int64_t> offset = zone_->OffsetOf(zone_name_, moment.seconds)) {
    moment.seconds -= *offset;
    moment.zone = zone_;
    return moment;
  }
  int64_t offset = 0;
  if (zone_name_.size() > 3 && zone_name_.starts_with("GMT")) {
    offset = std::stoll(zone_name_.substr(3)) * 3600;
  }
  moment.zone = Zone::Fixed(zone_name_, offset);
  return moment;
}

}  // namespace

std::optional<Moment> ParseMoment(std::string_view layout, std::string_view text,
                                  const std::shared_ptr<const Zone>& zone, std::string* error) {
  return MomentReader(layout, text, zone).Read(error);
}

std::string QuoteForTime(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 || byte < ' ') {
      quoted += "\\x";
      quoted += "0123456789abcdef"[byte >> 4];
      quoted += "0123456789abcdef"[byte & 15];
      continue;
    }
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

}  // namespace headgate::templating::helm
