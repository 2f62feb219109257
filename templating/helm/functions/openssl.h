#pragma once

#include <memory>

namespace headgate::templating::helm {

// Owns an object made by OpenSSL, frees it with that function.
template <auto Free>
struct FreeWith {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
template <class T, auto Free>
using Handle = std::unique_ptr<T, FreeWith<Free>>;

}  // namespace headgate::templating::helm
