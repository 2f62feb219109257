#include "templating/kustomize/pattern.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <string>

namespace headgate::templating::kustomize {

Pattern::Pattern() = default;
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;
Pattern::~Pattern() = default;

core::Result<Pattern> Pattern::Compile(std::string_view text, Extent extent) {
  Pattern pattern;
  pattern.text_ = text;
  pattern.extent_ = extent;
  if (text.find_first_of(R"(\.+*?()|[]{}^$)") == std::string_view::npos) return pattern;
  RE2::Options options;
  options.set_log_errors(false);
  // For whole texts in this form, which lets an odd ')' in the text leave the group, as there.
  const std::string whole = "^(?:" + std::string(text) + ")$";
  pattern.expression_ =
      std::make_unique<RE2>(extent == Extent::kWhole ? whole : std::string(text), options);
  if (pattern.expression_->ok()) return pattern;
  return core::Invalid(fmt::format("a regular expression expected, found \"{}\": {}", text,
                                   pattern.expression_->error()));
}

bool Pattern::Fits(std::string_view text) const {
  if (expression_)
    return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *expression_);
  return extent_ == Extent::kWhole ? text == text_ : text.find(text_) != std::string_view::npos;
}

}  // namespace headgate::templating::kustomize
