#include "templating/kustomize/generate_sources.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "templating/yaml/utf8.h"

namespace headgate::templating::kustomize {
namespace {

// kustomize stops reading at a longer line, without a word; what would be lost is an error here.
constexpr size_t kEnvLineBytesMax = 64 * 1024 - 1;

// Where a generator stands: its file, and its place there.
struct Owner {
  std::string_view file, place;
};

core::Error At(const Owner& owner, const Text& at, std::string_view field, size_t index,
               std::string_view what) {
  return core::Invalid(
      fmt::format("{}:{}: {}.{}[{}]: {}", owner.file, at.line, owner.place, field, index, what));
}

// White space as Unicode has it, at the start of a text; 0 for none.
size_t SpaceBytes(std::string_view text) {
  static constexpr std::array<std::string_view, 25> kSpaces = {
      "\t",     "\n",     "\v",     "\f",     "\r",     " ",      "\u0085", "\u00a0", "\u1680",
      "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006", "\u2007", "\u2008",
      "\u2009", "\u200a", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"};
  for (std::string_view space : kSpaces) {
    if (text.starts_with(space)) return space.size();
  }
  return 0;
}

std::string_view WithoutQuotes(std::string_view text) {
  const bool quoted = text.size() >= 2 && text.front() == text.back() &&
                      (text.front() == '"' || text.front() == '\'');
  return quoted ? text.substr(1, text.size() - 2) : text;
}

core::Status AddLiterals(const GeneratorArgs& args, const Owner& owner, StringPairs* to) {
  for (size_t i = 0; i < args.literals.size(); ++i) {
    const std::string_view text = args.literals[i].value;
    const size_t equals = text.find('=');
    if (equals == text.npos || equals == 0) {
      // The text may be a secret.
      return At(
          owner, args.literals[i], "literals", i,
          equals == 0 ? "KEY=VALUE expected, found no key" : "KEY=VALUE expected, found no =");
    }
    to->emplace_back(text.substr(0, equals), WithoutQuotes(text.substr(equals + 1)));
  }
  return core::Ok();
}

core::Status AddFiles(const GeneratorArgs& args, const Loader& loader, const Owner& owner,
                      StringPairs* to) {
  for (size_t i = 0; i < args.files.size(); ++i) {
    const Text& source = args.files[i];
    const std::string_view text = source.value;
    const size_t equals = text.find('=');
    if (equals != text.npos && text.find('=', equals + 1) != text.npos) {
      return At(owner, source, "files", i, fmt::format("one = at most expected, found {}", text));
    }
    if (equals == 0 || equals + 1 == text.size()) {
      return At(owner, source, "files", i, fmt::format("KEY=PATH expected, found {}", text));
    }
    const std::string_view path = equals == text.npos ? text : text.substr(equals + 1);
    const core::Result<const File*> read = loader.Load(path);
    if (!read) return At(owner, source, "files", i, read.error().text());
    std::string_view key = text.substr(0, std::min(equals, text.size()));
    if (equals == text.npos) {
      while (key.size() > 1 && key.ends_with('/')) key.remove_suffix(1);
      key = key.substr(key.rfind('/') + 1);
    }
    to->emplace_back(key, (*read)->text);
  }
  return core::Ok();
}

core::Status AddEnvs(const GeneratorArgs& args, const Loader& loader, const Owner& owner,
                     StringPairs* to) {
  for (size_t i = 0; i < args.envs.size(); ++i) {
    const core::Result<const File*> read = loader.Load(args.envs[i].value);
    if (!read) return At(owner, args.envs[i], "envs", i, read.error().text());
    const core::Result<StringPairs> pairs =
        ParseEnvFile((*read)->text, loader.files().Show((*read)->path));
    if (!pairs) return At(owner, args.envs[i], "envs", i, pairs.error().text());
    to->insert(to->end(), pairs->begin(), pairs->end());
  }
  return core::Ok();
}

}  // namespace

core::Result<StringPairs> ParseEnvFile(std::string_view text, std::string_view file) {
  StringPairs pairs;
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.size() > kEnvLineBytesMax) {
      return core::Invalid(
          fmt::format("{}:{}: a line of {} bytes; at most {} are read, and kustomize would lose "
                      "this line and all after it",
                      file, number, line.size(), kEnvLineBytesMax));
    }
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!IsUtf8(line)) {
      return core::Invalid(fmt::format("{}:{}: UTF-8 expected in an env file", file, number));
    }
    if (number == 1 && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
    while (const size_t space = SpaceBytes(line)) line.remove_prefix(space);
    if (line.empty() || line.front() == '#' || line.front() == '=') continue;
    const size_t equals = line.find('=');
    pairs.emplace_back(line.substr(0, equals), equals == line.npos ? "" : line.substr(equals + 1));
  }
  return pairs;
}

core::Result<StringPairs> ReadSources(const GeneratorArgs& args, const Loader& loader,
                                      std::string_view file, std::string_view place) {
  const Owner owner{file, place};
  StringPairs pairs;
  if (core::Status fine = AddEnvs(args, loader, owner, &pairs); !fine) return fine.error();
  if (core::Status fine = AddLiterals(args, owner, &pairs); !fine) return fine.error();
  if (core::Status fine = AddFiles(args, loader, owner, &pairs); !fine) return fine.error();
  return pairs;
}

}  // namespace headgate::templating::kustomize
