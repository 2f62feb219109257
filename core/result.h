#pragma once

#include <cassert>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace headgate::core {

// What the caller can do about an error. The loop looks at nothing else.
enum class Fault {
  kInvalid,      // the input is wrong: wait for a new commit or an edit
  kNotFound,     // what was asked for is not there
  kConflict,     // somebody else changed it meanwhile: observe again, then retry
  kForbidden,    // a right is missing: retry slowly, until somebody grants it
  kUnavailable,  // the other side is away, slow or overloaded: retry with a growing delay
  kCancelled,    // a stop was asked for, or the deadline of the caller passed
  kInternal,     // a broken rule of our own, or an answer that makes no sense
};

std::string_view Show(Fault fault);  // "invalid", "not found", ...

// A fault and a text, to which each layer adds, once, what it was doing: "sync shop: open
// repository ...".
class [[nodiscard]] Error {
 public:
  Error(Fault fault, std::string text) : fault_(fault), text_(std::move(text)) {}

  Fault fault() const { return fault_; }
  const std::string& text() const { return text_; }

  // How long the other side asked to wait (Retry-After); nothing where it did not say.
  std::optional<std::chrono::milliseconds> retry_after() const { return retry_after_; }
  Error RetryAfter(std::chrono::milliseconds after) && {
    retry_after_ = after;
    return std::move(*this);
  }

  // The same error, its text preceded by `doing` and ": ".
  Error In(std::string_view doing) const;

  friend bool operator==(const Error&, const Error&) = default;

 private:
  Fault fault_;
  std::string text_;
  std::optional<std::chrono::milliseconds> retry_after_;
};

inline Error Invalid(std::string text) { return {Fault::kInvalid, std::move(text)}; }
inline Error NotFound(std::string text) { return {Fault::kNotFound, std::move(text)}; }
inline Error Conflict(std::string text) { return {Fault::kConflict, std::move(text)}; }
inline Error Forbidden(std::string text) { return {Fault::kForbidden, std::move(text)}; }
inline Error Unavailable(std::string text) { return {Fault::kUnavailable, std::move(text)}; }
inline Error Cancelled(std::string text) { return {Fault::kCancelled, std::move(text)}; }
inline Error Internal(std::string text) { return {Fault::kInternal, std::move(text)}; }

// A value or an Error. "Nothing to do" is a value, not an error.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value)
      : held_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: converts on return
  Result(Error error)
      : held_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: converts on return

  bool ok() const { return held_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& operator*() & { return Get(); }
  const T& operator*() const& { return Get(); }
  T&& operator*() && { return std::move(Get()); }
  T* operator->() { return &Get(); }
  const T* operator->() const { return &Get(); }

  const Error& error() const {
    assert(!ok());
    return std::get<1>(held_);
  }

 private:
  T& Get() {
    assert(ok());
    return std::get<0>(held_);
  }
  const T& Get() const {
    assert(ok());
    return std::get<0>(held_);
  }

  std::variant<T, Error> held_;
};

// Success, or an Error: `return core::Ok();`
struct Done {
  friend bool operator==(const Done&, const Done&) = default;
};
using Status = Result<Done>;
inline Status Ok() { return Done{}; }

}  // namespace headgate::core
