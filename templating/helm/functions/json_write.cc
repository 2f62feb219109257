#include "templating/helm/functions/json_write.h"

#include <cmath>

#include "templating/helm/functions/plain_form.h"
#include "templating/helm/strconv.h"
#include "templating/yaml/emit.h"
#include "templating/yaml/value_of.h"

namespace headgate::templating::helm {
namespace {

class JsonWriter {
 public:
  JsonWriter(Heap* heap, const JsonStyle& style, size_t bytes_max, std::string* out,
             std::string* error)
      : heap_(heap), style_(style), bytes_max_(bytes_max), out_(out), error_(error) {}

  bool Write(const Value& value, size_t depth);

 private:
  bool Fail(std::string text) {
    *error_ = std::move(text);
    return false;
  }
  bool List(const Value& value, size_t depth);
  bool Entries(const Value& value, size_t depth);
  bool Float(double number);
  void Line(size_t depth) {
    if (!style_.indent) return;
    *out_ += '\n';
    out_->append(2 * depth, ' ');
  }

  Heap* heap_;
  const JsonStyle style_;
  const size_t bytes_max_;
  std::string* out_;
  std::string* error_;
};

bool JsonWriter::Float(double number) {
  if (!std::isfinite(number)) return Fail("json: unsupported value: " + FormatFloat(number));
  *out_ += yaml::JsonFloat(number);
  return true;
}

bool JsonWriter::List(const Value& value, size_t depth) {
  *out_ += '[';
  for (size_t i = 0; i < value.size(); ++i) {
    if (i > 0) *out_ += ',';
    Line(depth + 1);
    if (!Write(value.At(i), depth + 1)) return false;
  }
  if (value.size() > 0) Line(depth);
  *out_ += ']';
  return true;
}

bool JsonWriter::Entries(const Value& value, size_t depth) {
  *out_ += '{';
  bool first = true;
  for (const Map::Entry& entry : value.map()->entries()) {
    if (!std::exchange(first, false)) *out_ += ',';
    Line(depth + 1);
    yaml::AppendJsonText(entry.key, out_, style_.html);
    *out_ += style_.indent ? ": " : ":";
    if (!Write(entry.value, depth + 1)) return false;
  }
  if (!first) Line(depth);
  *out_ += '}';
  return true;
}

bool JsonWriter::Write(const Value& given, size_t depth) {
  if (out_->size() > bytes_max_) return Fail("");
  if (depth > kPrintedDepthMax) {
    return Fail("json: unsupported value: encountered a cycle via " + std::string(TypeName(given)));
  }
  const std::optional<Value> value = PlainForm(heap_, given, Encoding::kJson, error_);
  if (!value) return false;
  if (value->is_nil() || value->is_null_reference()) {
    *out_ += "null";
  } else if (value->is_bool()) {
    *out_ += value->boolean() ? "true" : "false";
  } else if (value->is_float()) {
    return Float(value->number());
  } else if (value->is_string()) {
    yaml::AppendJsonText(value->text(), out_, style_.html);
  } else if (value->is_list()) {
    return List(*value, depth);
  } else if (value->is_map()) {
    return Entries(*value, depth);
  } else if (value->kind() == Kind::kUint64) {
    *out_ += std::to_string(static_cast<uint64_t>(value->integer()));
  } else {
    *out_ += std::to_string(value->integer());
  }
  return true;
}

}  // namespace

bool WriteJson(Heap* heap, const Value& value, const JsonStyle& style, size_t bytes_max,
               std::string* out, std::string* error) {
  return JsonWriter(heap, style, bytes_max, out, error).Write(value, 0) &&
         (out->size() <= bytes_max);
}

}  // namespace headgate::templating::helm
