#include "core/request.h"

#include "core/json.h"

namespace headgate::core {

std::string ToText(const Request& request) {
  return ToJson(Map{{"id", request.id},
                    {"verb", request.verb},
                    {"revision", request.revision},
                    {"step", request.step},
                    {"by", request.by}});
}

Result<Request> ParseRequest(std::string_view text) {
  Result<Value> value = ParseJson(text);
  if (!value) return value.error().In(std::string("annotation ") + kRequestAnnotation);
  Request request{value->StringAt("id"), value->StringAt("verb"), value->StringAt("revision"),
                  value->StringAt("step"), value->StringAt("by")};
  if (request.id.empty() || request.verb.empty()) {
    return Invalid(std::string("annotation ") + kRequestAnnotation + ": id and verb are required");
  }
  return request;
}

Value ToValue(const RequestAnswer& answer) {
  return Map{{"id", answer.id},
             {"verb", answer.verb},
             {"accepted", answer.accepted},
             {"message", answer.message}};
}

RequestAnswer ParseRequestAnswer(const Value& value) {
  return {value.StringAt("id"), value.StringAt("verb"), value.BoolAt(false, "accepted"),
          value.StringAt("message")};
}

}  // namespace headgate::core
