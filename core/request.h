#pragma once

#include <optional>
#include <string>

#include "core/result.h"
#include "core/value.h"

namespace headgate::core {

// What a person asks for, by the annotation headgate.dev/request on the Application. Taken once (by
// id), answered in status.request.
struct Request {
  std::string id;        // any text that is new; the CLI makes a random one
  std::string verb;      // promote, abort, pause, resume, skip-step, retry, adopt, rollback, sync
  std::string revision;  // the candidate (or for retry the held one) that it was said about; "" for
                         // sync and adopt
  std::string step;      // the step it was said about, from 0; "" where any will do; kFull. For
                         // rollback: the release's number
  std::string by;        // who said it; for people, not for authorization

  friend bool operator==(const Request&, const Request&) = default;
};

inline constexpr const char* kFull = "full";  // as the step of a promote: past all steps
inline constexpr const char* kRequestAnnotation = "headgate.dev/request";

std::string ToText(const Request& request);  // JSON, for the annotation
Result<Request> ParseRequest(std::string_view text);

// What became of one.
struct RequestAnswer {
  std::string id;
  std::string verb;
  bool accepted = false;
  std::string message;  // "promoted step 1", "refused: 3f2a91c is not on trial any more"

  friend bool operator==(const RequestAnswer&, const RequestAnswer&) = default;
};
Value ToValue(const RequestAnswer& answer);
RequestAnswer ParseRequestAnswer(const Value& value);

}  // namespace headgate::core
