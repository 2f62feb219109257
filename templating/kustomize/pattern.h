#pragma once

#include <memory>
#include <string_view>

#include "core/result.h"

namespace re2 {
class RE2;
}

namespace headgate::templating::kustomize {

// A regular expression, as Go's regexp reads it. Most are plain words, which need none.
class Pattern {
 public:
  enum class Extent { kWhole, kPart };  // of the texts that fit

  // kInvalid: "a regular expression expected, found ...". Views `text`.
  static core::Result<Pattern> Compile(std::string_view text, Extent extent);
  Pattern();
  Pattern(Pattern&&) noexcept;
  Pattern& operator=(Pattern&&) noexcept;
  ~Pattern();

  bool IsPlain() const { return !expression_; }  // fits only itself
  bool Fits(std::string_view text) const;

 private:
  std::string_view text_;
  Extent extent_ = Extent::kPart;
  std::unique_ptr<re2::RE2> expression_;
};

}  // namespace headgate::templating::kustomize
