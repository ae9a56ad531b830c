#pragma once

#include <chrono>
#include <string>

#include "cli/context.h"

namespace scopa::cli {

/// One line on stderr that changes in place on a terminal. Elsewhere a line each time that `state`
/// differs from the last one written, at most one per 10 s. Silent with --quiet and --json.
class LiveLine {
 public:
  using Clock = std::chrono::steady_clock;
  explicit LiveLine(const Context& context);
  ~LiveLine() { clear(); }
  LiveLine(const LiveLine&) = delete;
  LiveLine& operator=(const LiveLine&) = delete;

  /// `line` as the terminal shows it; `plain` and `state` for elsewhere.
  void update(const std::string& line, const std::string& plain, const std::string& state,
              Clock::time_point now);
  /// The last state, which is written whatever the time; nothing on a terminal.
  void last(const std::string& plain, const std::string& state);
  /// A line that stays, above the live one.
  void say(const std::string& text);
  void clear();
  std::size_t width() const;
  bool is_live() const { return tty_; }

 private:
  bool silent_;
  bool tty_;
  std::string shown_;
  std::string last_state_;
  bool written_ = false;
  Clock::time_point last_written_;
};

}  // namespace scopa::cli
