#pragma once

#include <sys/types.h>

#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/result.h"

namespace headgate::git {

// A program that is talked with over its standard input and output. It gets an environment of just
// what is given and no terminal; with this object it ends, and what it started.
//
// Errors: kUnavailable (not installed, the deadline passed), kCancelled.
class Child {
 public:
  // argv[0] is looked for in PATH. All that follows has to be over at `deadline` from now.
  Child(const std::vector<std::string>& argv, const std::vector<std::string>& environment,
        core::Duration deadline, std::stop_token stop);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  core::Status Write(std::string_view bytes);
  // No more is written.
  void EndInput();
  // What comes next, as it comes; "" at its end.
  core::Result<std::string> Read();
  // Waits for the end. What it said on standard error, of which 16 kB are kept.
  const std::string& Words();

 private:
  core::Status WaitFor(short events);
  void ReadWords();
  void End();

  const std::chrono::steady_clock::time_point until_;
  const std::stop_token stop_;
  core::Status started_ = core::Ok();
  pid_t pid_ = -1;
  int talk_ = -1, words_from_ = -1, stopped_ = -1;  // descriptors; stopped_: readable after a stop
  std::string words_;
};

}  // namespace headgate::git
