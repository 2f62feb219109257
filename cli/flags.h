#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace headgate::cli {

// A command line as Helm's users write it: flags anywhere, "--flag value" or "--flag=value" or
// "-f value" or "-fvalue", values that begin with dashes, "--" before what are no flags.
class FlagSet {
 public:
  // What takes a value, or refuses it.
  using Take = std::function<core::Status(const std::string& value)>;

  // `short_name` is a letter, or 0. A flag may stand alone where `alone` gives the value it then
  // has.
  void Add(std::string_view name, char short_name, std::optional<std::string> alone, Take take);

  void Text(std::string_view name, char short_name, std::string* to);
  void Texts(std::string_view name, char short_name, std::vector<std::string>* to);  // all of them
  void Lists(std::string_view name, char short_name, std::vector<std::string>* to);  // "a,b", too
  void Switch(std::string_view name, char short_name, bool* to);

  // What is no flag. kInvalid names the flag: "unknown flag: --x".
  core::Result<std::vector<std::string>> Parse(const std::vector<std::string>& arguments) const;

 private:
  struct Flag {
    std::string name;
    char short_name;
    std::optional<std::string> alone;
    Take take;
  };
  using Arguments = std::vector<std::string>::const_iterator;
  core::Status ParseLong(std::string_view argument, Arguments* next, Arguments end) const;
  core::Status ParseShort(std::string_view letters, Arguments* next, Arguments end) const;

  std::vector<Flag> flags_;
};

}  // namespace headgate::cli
