#include "templating/helm/chart/paths.h"

#include <utility>
#include <vector>

#include "templating/helm/unicode.h"

namespace headgate::templating::helm {
namespace {

// A run of a pattern without stars, with the star before it.
struct Chunk {
  bool star = false;
  std::string_view text;
};

Chunk TakeChunk(std::string_view* pattern) {
  Chunk chunk;
  while (pattern->starts_with('*')) {
    pattern->remove_prefix(1);
    chunk.star = true;
  }
  bool in_class = false;
  size_t end = 0;
  for (; end < pattern->size(); ++end) {
    const char c = (*pattern)[end];
    if (c == '\\' && end + 1 < pattern->size()) ++end;
    if (c == '[') in_class = true;
    if (c == ']') in_class = false;
    if (c == '*' && !in_class) break;
  }
  chunk.text = pattern->substr(0, end);
  pattern->remove_prefix(end);
  return chunk;
}

// One character of a class; nothing where the class is malformed.
std::optional<char32_t> TakeMember(std::string_view* chunk) {
  if (chunk->empty() || chunk->front() == '-' || chunk->front() == ']') return std::nullopt;
  if (chunk->front() == '\\') chunk->remove_prefix(1);
  if (chunk->empty()) return std::nullopt;
  size_t bytes = 0;
  const char32_t rune = TakeRune(chunk, &bytes);
  if ((rune == kRuneError && bytes == 1) || chunk->empty()) return std::nullopt;
  return rune;
}

// Whether a character is in the class that begins the chunk, which is taken off; nothing where it
// is malformed.
std::optional<bool> TakeClass(std::string_view* chunk, char32_t rune) {
  chunk->remove_prefix(1);
  const bool negated = chunk->starts_with('^');
  if (negated) chunk->remove_prefix(1);
  bool found = false;
  for (bool first = true; first || !chunk->starts_with(']'); first = false) {
    const std::optional<char32_t> low = TakeMember(chunk);
    if (!low) return std::nullopt;
    std::optional<char32_t> high = low;
    if (chunk->front() == '-') {
      chunk->remove_prefix(1);
      high = TakeMember(chunk);
      if (!high) return std::nullopt;
    }
    found = found || (*low <= rune && rune <= *high);
  }
  chunk->remove_prefix(1);
  return found != negated;
}

enum class Outcome { kMatch, kNone, kMalformed };

// Matches a chunk against the beginning of `name`, which becomes what is left of it.
Outcome MatchChunk(std::string_view chunk, std::string_view* name) {
  bool failed = false;
  while (!chunk.empty()) {
    failed = failed || name->empty();
    char c = chunk.front();
    if (c == '[') {
      const char32_t rune = failed ? 0 : TakeRune(name);
      const std::optional<bool> in = TakeClass(&chunk, rune);
      if (!in) return Outcome::kMalformed;
      failed = failed || !*in;
      continue;
    }
    if (c == '?') {
      if (!failed) {
        failed = name->front() == '/';
        TakeRune(name);
      }
      chunk.remove_prefix(1);
      continue;
    }
    if (c == '\\') {
      chunk.remove_prefix(1);
      if (chunk.empty()) return Outcome::kMalformed;
      c = chunk.front();
    }
    if (!failed) {
      failed = c != name->front();
      name->remove_prefix(1);
    }
    chunk.remove_prefix(1);
  }
  return failed ? Outcome::kNone : Outcome::kMatch;
}

// The same behind a star: anywhere before the next '/'.
Outcome FindChunk(std::string_view chunk, bool last, std::string_view* name) {
  for (size_t skip = 0; skip < name->size() && (*name)[skip] != '/'; ++skip) {
    std::string_view rest = name->substr(skip + 1);
    const Outcome outcome = MatchChunk(chunk, &rest);
    if (outcome == Outcome::kMalformed) return outcome;
    if (outcome == Outcome::kNone || (last && !rest.empty())) continue;
    *name = rest;
    return outcome;
  }
  return Outcome::kNone;
}

}  // namespace

std::string_view PathBase(std::string_view path) {
  if (path.empty()) return ".";
  while (path.ends_with('/')) path.remove_suffix(1);
  if (path.empty()) return "/";
  return path.substr(path.rfind('/') + 1);
}

std::string PathClean(std::string_view path) {
  const bool rooted = path.starts_with('/');
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const size_t end = path.find('/');
    const std::string_view part = path.substr(0, end);
    path.remove_prefix(end == std::string_view::npos ? path.size() : end + 1);
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
    } else if (!parts.empty() && parts.back() != "..") {
      parts.pop_back();
    } else if (!rooted) {
      parts.push_back(part);
    }
  }
  std::string clean;
  for (const std::string_view part : parts) {
    if (rooted || !clean.empty()) clean += '/';
    clean += part;
  }
  if (clean.empty()) clean = rooted ? "/" : ".";
  return clean;
}

std::string PathJoin(std::string_view a, std::string_view b) {
  if (a.empty()) return b.empty() ? "" : PathClean(b);
  return b.empty() ? PathClean(a) : PathClean(std::string(a) + "/" + std::string(b));
}

std::string_view PathExtension(std::string_view path) {
  const size_t at = path.find_last_of("./");
  if (at == std::string_view::npos || path[at] == '/') return {};
  return path.substr(at);
}

std::optional<bool> MatchPath(std::string_view pattern, std::string_view name) {
  while (!pattern.empty()) {
    const Chunk chunk = TakeChunk(&pattern);
    if (chunk.star && chunk.text.empty()) return name.find('/') == std::string_view::npos;
    std::string_view rest = name;
    Outcome outcome = MatchChunk(chunk.text, &rest);
    if (outcome == Outcome::kMatch && (rest.empty() || !pattern.empty())) {
      name = rest;
      continue;
    }
    if (outcome == Outcome::kMalformed) return std::nullopt;
    if (!chunk.star) return false;
    outcome = FindChunk(chunk.text, pattern.empty(), &name);
    if (outcome == Outcome::kMalformed) return std::nullopt;
    if (outcome == Outcome::kNone) return false;
  }
  return name.empty();
}

}  // namespace headgate::templating::helm
