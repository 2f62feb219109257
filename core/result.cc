#include "core/result.h"

namespace headgate::core {

std::string_view Show(Fault fault) {
  switch (fault) {
    case Fault::kInvalid:
      return "invalid";
    case Fault::kNotFound:
      return "not found";
    case Fault::kConflict:
      return "conflict";
    case Fault::kForbidden:
      return "forbidden";
    case Fault::kUnavailable:
      return "unavailable";
    case Fault::kCancelled:
      return "cancelled";
    case Fault::kInternal:
      return "internal";
  }
  return "?";
}

Error Error::In(std::string_view doing) const {
  Error outer = *this;
  outer.text_ = std::string(doing) + ": " + text_;
  return outer;
}

}  // namespace headgate::core
