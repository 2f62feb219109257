#include "cli/flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace headgate::cli {
namespace {

std::optional<bool> ParseBool(std::string_view text) {
  constexpr std::array<std::string_view, 6> kTrue = {"1", "t", "T", "true", "TRUE", "True"};
  constexpr std::array<std::string_view, 6> kFalse = {"0", "f", "F", "false", "FALSE", "False"};
  if (std::find(kTrue.begin(), kTrue.end(), text) != kTrue.end()) return true;
  if (std::find(kFalse.begin(), kFalse.end(), text) != kFalse.end()) return false;
  return std::nullopt;
}

// Fields parted by commas; one that begins with a quote goes on to the next one that is not
// doubled.
core::Result<std::vector<std::string>> ParseList(std::string_view text) {
  std::vector<std::string> fields;
  const auto wrong = [] { return core::Invalid("a list with its quotes in order expected"); };
  while (!text.empty()) {
    std::string& field = fields.emplace_back();
    if (text.front() != '"') {
      const size_t end = std::min(text.find(','), text.size());
      field = text.substr(0, end);
      if (field.find('"') != std::string::npos) return wrong();
      text.remove_prefix(end);
    } else {
      for (text.remove_prefix(1);;) {
        const size_t quote = text.find('"');
        if (quote == std::string_view::npos) return wrong();
        field += text.substr(0, quote);
        text.remove_prefix(quote + 1);
        if (!text.starts_with('"')) break;
        field += '"';
        text.remove_prefix(1);
      }
      if (!text.empty() && text.front() != ',') return wrong();
    }
    if (text == ",") fields.emplace_back();
    if (!text.empty()) text.remove_prefix(1);
  }
  return fields;
}

}  // namespace

void FlagSet::Add(std::string_view name, char short_name, std::optional<std::string> alone,
                  Take take) {
  flags_.push_back({std::string(name), short_name, std::move(alone), std::move(take)});
}

void FlagSet::Text(std::string_view name, char short_name, std::string* to) {
  Add(name, short_name, std::nullopt, [to](const std::string& value) {
    *to = value;
    return core::Ok();
  });
}

void FlagSet::Texts(std::string_view name, char short_name, std::vector<std::string>* to) {
  Add(name, short_name, std::nullopt, [to](const std::string& value) {
    to->push_back(value);
    return core::Ok();
  });
}

void FlagSet::Lists(std::string_view name, char short_name, std::vector<std::string>* to) {
  Add(name, short_name, std::nullopt, [to](const std::string& value) -> core::Status {
    core::Result<std::vector<std::string>> fields = ParseList(value);
    if (!fields) return fields.error();
    to->insert(to->end(), fields->begin(), fields->end());
    return core::Ok();
  });
}

void FlagSet::Switch(std::string_view name, char short_name, bool* to) {
  Add(name, short_name, "true", [to](const std::string& value) -> core::Status {
    const std::optional<bool> parsed = ParseBool(value);
    if (!parsed) return core::Invalid(fmt::format("true or false expected, {} found", value));
    *to = *parsed;
    return core::Ok();
  });
}

core::Result<std::vector<std::string>> FlagSet::Parse(
    const std::vector<std::string>& arguments) const {
  std::vector<std::string> others;
  for (Arguments next = arguments.begin(); next != arguments.end();) {
    const std::string& argument = *next++;
    if (argument.size() < 2 || argument.front() != '-') {
      others.push_back(argument);
      continue;
    }
    if (argument == "--") {
      others.insert(others.end(), next, arguments.end());
      break;
    }
    const core::Status parsed = argument.starts_with("--")
                                    ? ParseLong(argument, &next, arguments.end())
                                    : ParseShort(argument.substr(1), &next, arguments.end());
    if (!parsed) return parsed.error();
  }
  return others;
}

core::Status FlagSet::ParseLong(std::string_view argument, Arguments* next, Arguments end) const {
  const size_t equals = argument.find('=');
  const std::string_view name = argument.substr(0, equals).substr(2);
  const auto flag = std::find_if(flags_.begin(), flags_.end(),
                                 [name](const Flag& each) { return each.name == name; });
  if (name.empty() || flag == flags_.end()) {
    return core::Invalid(fmt::format("unknown flag: {}", argument.substr(0, equals)));
  }
  std::string value;
  if (equals != std::string_view::npos) {
    value = argument.substr(equals + 1);
  } else if (flag->alone) {
    value = *flag->alone;
  } else if (*next != end) {
    value = *(*next)++;
  } else {
    return core::Invalid(fmt::format("--{}: a value expected", name));
  }
  const core::Status taken = flag->take(value);
  return taken ? taken : taken.error().In(fmt::format("--{}", name));
}

core::Status FlagSet::ParseShort(std::string_view letters, Arguments* next, Arguments end) const {
  while (!letters.empty()) {
    const char letter = letters.front();
    const auto flag = std::find_if(flags_.begin(), flags_.end(), [letter](const Flag& each) {
      return each.short_name == letter && letter != 0;
    });
    if (flag == flags_.end()) return core::Invalid(fmt::format("unknown flag: -{}", letter));
    letters.remove_prefix(1);
    std::string value;
    if (letters.size() > 1 && letters.front() == '=') {
      value = letters.substr(1);
      letters = {};
    } else if (flag->alone) {
      value = *flag->alone;
    } else if (!letters.empty()) {
      value = letters;
      letters = {};
    } else if (*next != end) {
      value = *(*next)++;
    } else {
      return core::Invalid(fmt::format("-{}: a value expected", letter));
    }
    const core::Status taken = flag->take(value);
    if (!taken) return taken.error().In(fmt::format("--{}", flag->name));
  }
  return core::Ok();
}

}  // namespace headgate::cli
