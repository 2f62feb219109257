#pragma once

#include <cstddef>
#include <string_view>

#include "core/result.h"
#include "templating/helm/value.h"

namespace headgate::templating::helm {

// JSON as Go's encoding/json reads it into an interface{}: maps, lists, texts (bytes that are no
// UTF-8 become U+FFFD), numbers as float64. Of a key given twice the last value counts.
struct JsonReading {
  bool keep_integers = false;  // those without fraction and exponent, as int64 where they fit
  int depth_max = 1000;
};

// The whole text is one value; it is copied where it has to be, so values view `text`, which must
// live as long as the heap. kInvalid has Go's words, and no more: "invalid character '}' looking
// for beginning of value", "unexpected end of JSON input".
core::Result<Value> ReadJson(std::string_view text, Heap* heap, const JsonReading& reading = {});

// The first value of a text, as json.Decoder takes it off a stream; `used` is where it ends. The
// end of the text is "EOF" where there is none, "unexpected EOF" inside of one.
core::Result<Value> ReadFirstJson(std::string_view text, Heap* heap, size_t* used,
                                  const JsonReading& reading = {});

}  // namespace headgate::templating::helm
