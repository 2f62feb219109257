#include "templating/yaml/parse.h"

#include <fmt/format.h>

#include "templating/yaml/parser.h"
#include "templating/yaml/source.h"

namespace headgate::templating::yaml {

core::Result<std::vector<Node*>> Parse(std::string_view text, std::string_view file, Arena* arena,
                                       const ParseOptions& options) {
  core::Result<Source> source = MakeSource(text, file, options, arena);
  if (!source) return source.error();
  Parser parser(*source, options, arena);
  if (parser.Run()) {
    std::vector<Node*> documents = parser.TakeDocuments();
    if (options.keep_comments) AttachComments(*source, parser.taken(), arena, documents);
    return documents;
  }
  const Complaint& complaint = *parser.complaint();
  return core::Invalid(
      fmt::format("{}:{}:{}: {}", file, complaint.line, complaint.column, complaint.text));
}

}  // namespace headgate::templating::yaml
