#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "templating/helm/template/code.h"

namespace headgate::templating::helm {

// An evaluation that ended early: what was wrong, and the chain of includes that led there.
// Collected from the inside out.
class Failure {
 public:
  enum class Cause : uint8_t {
    kEvaluator,  // the language's own: "nil pointer evaluating ..."
    kFunction,   // what a function said
    kUser,       // what `fail` or `required` say
  };

  Failure() = default;
  Failure(Cause cause, std::string text) : cause_(cause), text_(std::move(text)) {}

  // It happened in this template at this node, or was handed on by it: "error calling include: ".
  void At(const Template& in, const Node* node, std::string_view handed_on);
  // It was handed on by `tpl`: "error during tpl function execution for ...: ".
  void InTpl(std::string_view text);

  // As helm 4.1.4 prints it behind "Error: ".
  std::string Show() const;
  // The innermost reason alone.
  const std::string& text() const { return text_; }
  // Where that was: the expression as it is written, and the template's file. "" where it is not
  // known, and where it is in what `tpl` was given.
  const std::string& expression() const { return expression_; }
  const std::string& file() const { return file_; }

 private:
  struct Link {
    std::string text;      // in front of all that is inside
    std::string location;  // "FILE:LINE:COLUMN"; "" for tpl
  };
  std::string Whole(std::vector<size_t>* starts) const;

  Cause cause_ = Cause::kEvaluator;
  std::string text_;
  std::string expression_, file_;
  std::vector<Link> links_;  // the innermost first
  bool tpl_ = false;
};

}  // namespace headgate::templating::helm
