#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace headgate::templating::helm {

// Where a schema's reference leads: a document, and a place in it.
struct SchemaUrl {
  std::string document;  // absolute, without fragment
  std::string fragment;  // unescaped: "", a JSON pointer ("/a/b"), or an anchor

  bool is_pointer() const { return fragment.empty() || fragment.front() == '/'; }
};

// A reference seen from a document (RFC 3986, 5.2). Nothing where its escapes are broken.
std::optional<SchemaUrl> ResolveSchemaUrl(std::string_view base, std::string_view reference);

}  // namespace headgate::templating::helm
