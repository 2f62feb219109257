#include <fmt/format.h>

#include <string>

#include "templating/helm/chart/load.h"
#include "templating/helm/chart/text.h"
#include "templating/helm/yaml_read.h"

namespace headgate::templating::helm {
namespace {

// One document of a file of values, parted by lines that begin with "---".
struct Piece {
  std::string_view text;
  uint32_t first_line = 1;
};

core::Result<std::vector<Piece>> Split(std::string_view text, std::string_view file,
                                       const ChartLimits& limits) {
  std::vector<Piece> pieces;
  size_t start = 0, at = 0;
  uint32_t line = 1, first_line = 1;
  for (; at < text.size(); ++line) {
    const size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    const std::string_view separator = text.substr(at, end - at);
    if (separator.starts_with("---")) {
      const std::string_view rest = TrimSpace(separator.substr(3));
      if (!rest.empty() && rest.front() != '#') {
        return core::Invalid(fmt::format("{}:{}: nothing expected behind \"---\", {} found", file,
                                         line, rest.substr(0, 40)));
      }
      if (at > start) {
        pieces.push_back({text.substr(start, at - start), first_line});
        start = end;
        first_line = line + 1;
      }
      if (pieces.size() > limits.values_documents) {
        return core::Invalid(
            fmt::format("{}: more than {} documents of values", file, limits.values_documents));
      }
    }
    at = end;
  }
  if (at > start) pieces.push_back({text.substr(start), first_line});
  return pieces;
}

}  // namespace

void MergeMaps(Map* base, Map* over, Heap* heap) {
  for (const Map::Entry& entry : over->Snapshot(heap)) {
    const Value* found = base->Find(entry.key);
    if (entry.value.is_map() && found && found->is_map() && found->map()) {
      if (entry.value.map()) MergeMaps(found->map(), entry.value.map(), heap);
    } else {
      base->Set(entry.key, entry.value, heap);
    }
  }
}

core::Result<Map*> ReadValues(std::string_view text, std::string_view file, Heap* heap,
                              const ChartLimits& limits) {
  if (text.size() > limits.values_bytes) {
    return core::Invalid(
        fmt::format("{}: more than {} bytes of values", file, limits.values_bytes));
  }
  std::string unix_lines;
  if (text.find('\r') != std::string_view::npos) {
    unix_lines = WithoutCarriageReturns(text);
    text = unix_lines;
  }
  core::Result<std::vector<Piece>> pieces = Split(text, file, limits);
  if (!pieces) return pieces.error();
  Map* values = nullptr;
  for (const Piece& piece : *pieces) {
    YamlReading reading;
    reading.first_line = piece.first_line;
    core::Result<Value> document = ReadYaml(piece.text, file, heap, reading);
    if (!document) return document.error();
    if (document->is_nil()) continue;
    if (!document->is_map()) {
      return core::Invalid(fmt::format("{}:{}: a map of values expected, {} found", file,
                                       piece.first_line, TypeName(*document)));
    }
    if (!values) {
      values = document->map();
    } else {
      MergeMaps(values, document->map(), heap);
    }
    if (heap->bytes() > limits.values_heap_bytes) {
      return core::Invalid(fmt::format("{}: the values are too large", file));
    }
  }
  return values ? values : heap->NewMap();
}

}  // namespace headgate::templating::helm
