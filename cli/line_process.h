#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "sdk/base/status.h"

namespace scopa::cli {

/// A program that answers each line on its stdin with a line on its stdout; its stderr is ours. It
/// runs as a process group of its own, so a Ctrl-C does not reach it, and ends with this object:
/// its input is closed, and what still runs half a second later is killed. One thread.
class LineProcess {
 public:
  /// `command` is a shell's (sh -c). From here on this process survives broken pipes (interrupt.h).
  /// Errors: kResource.
  static Result<std::unique_ptr<LineProcess>> start(const std::string& command);
  ~LineProcess();
  LineProcess(const LineProcess&) = delete;
  LineProcess& operator=(const LineProcess&) = delete;

  /// Sends `line` and waits for the answer, without its line break. Errors: kDeadlineExceeded after
  /// `patience`, kUnavailable when `leave` (looked at ten times a second) says so, kCorruption for
  /// an answer beyond kEvaluatorLineBytesMax, kConflict when the program has ended, with how. After
  /// an error there is no other answer.
  Result<std::string> ask(const std::string& line, std::chrono::milliseconds patience,
                          const std::function<bool()>& leave);

 private:
  LineProcess(pid_t pid, int input, int output) : pid_(pid), input_(input), output_(output) {}
  Status send_some(std::string_view* rest);
  Status receive_some(bool* ended);
  Status how_it_ended();
  bool has_ended(std::chrono::milliseconds patience) const;

  pid_t pid_;
  int input_;   // of the program: ours to write
  int output_;  // ... to read
  std::string received_;
};

}  // namespace scopa::cli
