#include "templating/helm/functions/toml_write.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string_view>
#include <vector>

#include "templating/helm/functions/moment.h"
#include "templating/helm/functions/plain_form.h"
#include "templating/helm/functions/toml_zones.h"
#include "templating/helm/strconv.h"

namespace headgate::templating::helm {
namespace {

using Key = std::vector<std::string_view>;

// What a value is in TOML: a table stands below other keys, and so does an array of tables.
enum class Kindred { kNone, kPlain, kTable, kTables, kFault };

bool IsBare(std::string_view part) {
  return !part.empty() && std::all_of(part.begin(), part.end(), [](char c) {
    return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || ('0' <= c && c <= '9') || c == '_' ||
           c == '-';
  });
}

void AppendText(std::string_view text, std::string* out) {
  static constexpr std::string_view kShort = "\b\t\n\f\r\"\\", kLetters = "btnfr\"\\";
  *out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (const size_t known = kShort.find(c); known != std::string_view::npos) {
      *out += {'\\', kLetters[known]};
    } else if (byte < 0x20 || byte == 0x7f) {
      *out += "\\u00";
      *out += "0123456789abcdef"[byte >> 4];
      *out += "0123456789abcdef"[byte & 15];
    } else {
      *out += c;
    }
  }
  *out += '"';
}

void AppendPart(std::string_view part, std::string* out) {
  if (IsBare(part)) {
    *out += part;
  } else {
    AppendText(part, out);
  }
}

class TomlWriter {
 public:
  TomlWriter(size_t bytes_max, std::string* out, std::string* error)
      : bytes_max_(bytes_max), out_(out), error_(error) {}

  bool Encode(const Value& value);

 private:
  struct Entry {
    std::string_view name;
    Value value;
  };

  bool Fail(std::string text) {
    *error_ = std::move(text);
    return false;
  }
  bool Within(int depth);
  Kindred KindredOf(const Value& value, int depth);
  std::vector<Entry> EntriesOf(const Value& value);
  void NewLine() {
    if (!out_->empty()) *out_ += '\n';
  }
  void Indent() { out_->append(2 * (key_.size() - 1), ' '); }
  void Header(std::string_view open, std::string_view close);
  bool Pair(const Value& value, int depth);
  bool Table(const Value& value, int depth);
  bool Tables(const Value& value, int depth);
  bool Contents(const Value& value, int depth);
  bool Any(const Value& value, int depth);
  bool Element(const Value& value, int depth);
  bool Inline(const Value& value, int depth);
  bool Split(const Value& value, int depth, std::vector<Entry>* direct, std::vector<Entry>* below);

  const size_t bytes_max_;
  std::string* out_;
  std::string* error_;
  Key key_;
};

bool IsTableValue(const Value& value) {
  switch (value.type()) {
    case Type::kTime:
    case Type::kVersion:
    case Type::kVersionValue:
      return false;
    default:
      return value.is_map() || value.kind() == Kind::kStruct || value.kind() == Kind::kPointer;
  }
}

bool TomlWriter::Within(int depth) {
  if (out_->size() > bytes_max_) return Fail("");
  return depth <= kPrintedDepthMax || Fail("toml: nested too deeply");
}

// Sorted, or in the order of a struct's fields.
std::vector<TomlWriter::Entry> TomlWriter::EntriesOf(const Value& value) {
  std::vector<Entry> entries;
  if (value.is_map()) {
    if (!value.map()) return entries;
    for (const Map::Entry& entry : value.map()->entries()) {
      entries.push_back({entry.key, entry.value});
    }
    return entries;
  }
  const Struct* fields = value.fields();
  for (size_t i = 0; fields && i < fields->fields.size(); ++i) {
    const Field& field = fields->fields[i];
    if (field.exported) entries.push_back({field.name, *field.value});
  }
  return entries;
}

// A list is one of tables where all its items are; none of them may be nil.
Kindred TomlWriter::KindredOf(const Value& value, int depth) {
  if (value.is_nil() || value.is_null_reference()) return Kindred::kNone;
  if (value.type() == Type::kComplex128) {
    Fail("unsupported type: complex128");
    return Kindred::kFault;
  }
  if (IsTableValue(value)) return Kindred::kTable;
  if (!value.is_list()) return Kindred::kPlain;
  if (!Within(depth)) return Kindred::kFault;
  bool tables = value.size() > 0;
  if (value.type() == Type::kBytes) return Kindred::kPlain;
  for (const Value& item : value.items()) {
    const Kindred kindred = KindredOf(item, depth + 1);
    if (kindred == Kindred::kFault) return kindred;
    if (kindred == Kindred::kNone) {
      Fail("toml: cannot encode array with nil element");
      return Kindred::kFault;
    }
    tables = tables && kindred == Kindred::kTable;
  }
  return tables ? Kindred::kTables : Kindred::kPlain;
}

bool TomlWriter::Split(const Value& value, int depth, std::vector<Entry>* direct,
                       std::vector<Entry>* below) {
  for (const Entry& entry : EntriesOf(value)) {
    const Kindred kindred = KindredOf(entry.value, depth);
    if (kindred == Kindred::kFault) return false;
    (kindred == Kindred::kTable || kindred == Kindred::kTables ? below : direct)->push_back(entry);
  }
  return true;
}

void TomlWriter::Header(std::string_view open, std::string_view close) {
  Indent();
  *out_ += open;
  for (size_t i = 0; i < key_.size(); ++i) {
    if (i > 0) *out_ += '.';
    AppendPart(key_[i], out_);
  }
  *out_ += close;
  NewLine();
}

bool TomlWriter::Contents(const Value& value, int depth) {
  std::vector<Entry> direct, below;
  if (!Split(value, depth, &direct, &below)) return false;
  direct.insert(direct.end(), below.begin(), below.end());
  for (const Entry& entry : direct) {
    if (entry.value.is_nil() || entry.value.is_null_reference()) continue;
    key_.push_back(entry.name);
    if (!Any(entry.value, depth)) return false;
    key_.pop_back();
  }
  return true;
}

bool TomlWriter::Table(const Value& value, int depth) {
  if (key_.size() == 1) NewLine();
  if (!key_.empty()) Header("[", "]");
  return Contents(value, depth + 1);
}

bool TomlWriter::Tables(const Value& value, int depth) {
  if (key_.empty()) return Fail("toml: top-level values must be Go maps or structs");
  for (const Value& item : value.items()) {
    NewLine();
    Header("[[", "]]");
    if (!Contents(item, depth + 1)) return false;
  }
  return true;
}

bool TomlWriter::Pair(const Value& value, int depth) {
  if (key_.empty()) return Element(value, depth);
  Indent();
  AppendPart(key_.back(), out_);
  *out_ += " = ";
  if (!Element(value, depth)) return false;
  NewLine();
  return true;
}

bool TomlWriter::Any(const Value& value, int depth) {
  if (!Within(depth)) return false;
  switch (KindredOf(value, depth)) {
    case Kindred::kFault:
      return false;
    case Kindred::kTable:
      return Table(value, depth);
    case Kindred::kTables:
      return Tables(value, depth);
    case Kindred::kNone:
      return !value.is_list() || Pair(value, depth);
    case Kindred::kPlain:
      return Pair(value, depth);
  }
  return false;
}

// Commas follow what is not the last of its kind, written or not: nils are left out behind them.
bool TomlWriter::Inline(const Value& value, int depth) {
  std::vector<Entry> direct, below;
  if (!Split(value, depth, &direct, &below)) return false;
  direct.insert(direct.end(), below.begin(), below.end());
  *out_ += '{';
  for (size_t i = 0; i < direct.size(); ++i) {
    const Entry& entry = direct[i];
    if (entry.value.is_nil() || entry.value.is_null_reference()) continue;
    AppendPart(entry.name, out_);
    *out_ += " = ";
    if (!Element(entry.value, depth + 1)) return false;
    if (i + 1 < direct.size()) *out_ += ", ";
  }
  *out_ += '}';
  return true;
}

std::string FloatText(double number) {
  if (std::isnan(number)) return std::signbit(number) ? "-nan" : "nan";
  if (std::isinf(number)) return number < 0 ? "-inf" : "inf";
  const std::string text = FormatFloat(number);
  return text.find_first_of("e.") == std::string::npos ? text + ".0" : text;
}

std::string MomentText(const Moment& moment) {
  const TomlZones& zones = TomlZones::Get();
  const Moment plain = moment.In(Zone::Utc());
  if (moment.zone == zones.time_and_date) {
    return FormatMoment(plain, "2006-01-02T15:04:05.999999999");
  }
  if (moment.zone == zones.date) return FormatMoment(plain, "2006-01-02");
  if (moment.zone == zones.time) return FormatMoment(plain, "15:04:05.999999999");
  return FormatMoment(moment, "2006-01-02T15:04:05.999999999Z07:00");
}

bool TomlWriter::Element(const Value& value, int depth) {
  if (!Within(depth)) return false;
  if (value.type() == Type::kTime) {
    *out_ += MomentText(value.As<MomentObject>().moment);
  } else if (value.type() == Type::kVersion || value.type() == Type::kVersionValue ||
             value.type() == Type::kDuration) {
    AppendText(StringMethod(value).value_or(""), out_);
  } else if (value.is_string()) {
    AppendText(value.text(), out_);
  } else if (value.is_bool()) {
    *out_ += value.boolean() ? "true" : "false";
  } else if (value.is_float()) {
    *out_ += FloatText(value.number());
  } else if (value.is_list()) {
    *out_ += '[';
    for (size_t i = 0; i < value.size(); ++i) {
      if (i > 0) *out_ += ", ";
      if (!Element(value.At(i), depth + 1)) return false;
    }
    *out_ += ']';
  } else if (IsTableValue(value)) {
    return Inline(value, depth);
  } else if (value.kind() == Kind::kUint64) {
    *out_ += std::to_string(static_cast<uint64_t>(value.integer()));
  } else {
    *out_ += std::to_string(value.integer());
  }
  return true;
}

bool TomlWriter::Encode(const Value& value) {
  if (value.type() == Type::kComplex128) {
    return Fail("unsupported type for key '': complex128");
  }
  return Any(value, 0) && Within(0);
}

}  // namespace

const TomlZones& TomlZones::Get() {
  static const TomlZones kZones = [] {
    using std::chrono::system_clock;
    const int64_t now =
        std::chrono::duration_cast<std::chrono::seconds>(system_clock::now().time_since_epoch())
            .count();
    const int64_t offset = Zone::Local()->At(now).seconds;
    return TomlZones{Zone::Fixed("datetime-local", offset), Zone::Fixed("date-local", offset),
                     Zone::Fixed("time-local", offset)};
  }();
  return kZones;
}

bool WriteToml(const Value& value, size_t bytes_max, std::string* out, std::string* error) {
  return TomlWriter(bytes_max, out, error).Encode(value);
}

}  // namespace headgate::templating::helm
