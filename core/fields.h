#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "core/value.h"

namespace headgate::core {

// Where the first thing wrong with a document is kept while it is read; later ones are not heard.
struct Reading {
  std::string file;
  std::optional<Error> error;
};

// Reads a mapping field by field and remembers which were asked for, so that Finish() can refuse
// the others: what would be ignored must not look as if it worked. After an error every read gives
// its default; the caller looks once, at the end.
class Fields {
 public:
  Fields(const Value* value, std::string path, Reading* reading);

  bool Has(std::string_view key);
  std::string String(std::string_view key, std::string_view otherwise = "");
  std::string Required(std::string_view key);  // a string that is not empty
  std::string Number(std::string_view key);    // a number as text, "0.5" or "50%"; quoted or not
  int64_t Int(std::string_view key, int64_t otherwise, int64_t min, int64_t max);
  bool Bool(std::string_view key, bool otherwise);
  Duration Time(std::string_view key, Duration otherwise);
  std::vector<std::string> Strings(std::string_view key);
  Value Tree(std::string_view key);  // a mapping of anything; null where there is none
  Fields Sub(std::string_view key);  // an absent one reads as an empty mapping
  std::vector<Fields> Items(std::string_view key);  // of a list of mappings
  void Finish();

  // "rollout.yaml:14: spec.canary.steps[2].setWeight: WHAT"
  void Fail(std::string_view key, std::string_view what);
  bool empty() const;  // no field at all

 private:
  const Value* Get(std::string_view key);
  std::string PathOf(std::string_view key) const;

  const Value* value_;
  std::string path_;
  Reading* reading_;
  std::set<std::string, std::less<>> known_;
};

}  // namespace headgate::core
