#include "templating/helm/template/failure.h"

#include <algorithm>

#include "templating/helm/strconv.h"

namespace headgate::templating::helm {
namespace {

// Helm's own limit for includes makes about a thousand.
constexpr size_t kLinksMax = 2000;
// `tpl` in itself has none that people would meet, and shows each text.
constexpr size_t kTplLinksMax = 100;

std::string Location(const Template& in, const Node* node) {
  const std::string_view before = in.source->text.substr(0, node ? node->position : 0);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const size_t newline = before.rfind('\n');
  const size_t column =
      newline == std::string_view::npos ? before.size() : before.size() - newline - 1;
  return std::string(in.source->name) + ":" + std::to_string(line) + ":" + std::to_string(column);
}

std::string_view UpTo(std::string_view text, std::string_view end) {
  return text.substr(0, text.find(end));
}

// One error of the chain, in lines: place, template and expression, reason. Empty where Helm would
// not know it as one of a template.
std::string InLines(std::string_view text) {
  constexpr std::string_view kTemplate = "template: ", kExecuting = ": executing ";
  if (!text.starts_with(kTemplate)) return "";
  const std::string_view rest = text.substr(kTemplate.size());
  if (rest.starts_with("no template ")) return std::string(text) + "\n";
  const size_t executing = rest.find(kExecuting);
  const size_t open = executing + kExecuting.size();
  const size_t at = executing == std::string_view::npos ? executing : rest.find("\" at <", open);
  const size_t close = at == std::string_view::npos ? at : rest.find(">: ", at);
  if (close != std::string_view::npos) {
    return std::string(rest.substr(0, executing)) + "\n  executing " +
           std::string(rest.substr(open, close + 2 - open)) + "\n    " +
           std::string(UpTo(rest.substr(close + 3), " template:")) + "\n";
  }
  const size_t colon = rest.rfind(": ");
  if (colon == std::string_view::npos) return "";
  return std::string(rest.substr(0, colon)) + "\n  " +
         std::string(UpTo(rest.substr(colon + 2), " template:")) + "\n";
}

}  // namespace

void Failure::At(const Template& in, const Node* node, std::string_view handed_on) {
  if (links_.size() >= (tpl_ ? kTplLinksMax : kLinksMax)) links_.pop_back();  // the outermost stays
  std::string location = Location(in, node);
  const std::string shown = node ? helm::Show(*node) : std::string();
  if (links_.empty()) {
    expression_ = shown;
    file_ = in.source->name;
  }
  std::string text = "template: " + location + ": executing " + Quote(in.name) + " at <" + shown +
                     ">: " + std::string(handed_on);
  links_.push_back({std::move(text), std::move(location)});
}

void Failure::InTpl(std::string_view text) {
  tpl_ = true;
  if (links_.size() >= kTplLinksMax) return;
  links_.push_back({"error during tpl function execution for " + Quote(text) + ": ", ""});
}

// The text of it all, and where in it each link begins.
std::string Failure::Whole(std::vector<size_t>* starts) const {
  std::string whole;
  for (auto link = links_.rbegin(); link != links_.rend(); ++link) {
    starts->push_back(whole.size());
    whole += link->text;
  }
  return whole + text_;
}

std::string Failure::Show() const {
  if (links_.empty()) return text_;
  if (cause_ == Cause::kUser) {
    return "execution error at (" + links_.back().location + "): " + text_;
  }
  std::vector<size_t> starts;
  std::string whole = Whole(&starts);
  // Lines are only made where every link is an error of a template.
  if (tpl_) return whole;
  if (cause_ == Cause::kFunction) {
    if (InLines(text_).empty()) return whole;
    starts.push_back(whole.size() - text_.size());
  }
  std::string lines, last;
  for (const size_t start : starts) {
    std::string next = InLines(std::string_view(whole).substr(start));
    if (next != last) lines += next;
    last = std::move(next);
  }
  lines.erase(lines.find_last_not_of(" \n") + 1);
  return lines;
}

}  // namespace headgate::templating::helm
