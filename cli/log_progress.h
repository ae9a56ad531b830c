#pragma once

#include <cstddef>
#include <string>

#include "broker/core/replay.h"
#include "cli/errors.h"
#include "cli/live_line.h"

/// What `replay` and `explain` share.
namespace scopa::cli {

/// How far the reading and checking of a log has come, where it takes longer than a moment.
class LogProgress {
 public:
  LogProgress(const Context& context, std::string sweep);
  void fetched(std::size_t bytes);
  void checked(std::size_t done, std::size_t all);

 private:
  void tell(const std::string& what, const std::string& state);

  std::string sweep_;
  LiveLine line_;
  LiveLine::Clock::time_point started_;
  LiveLine::Clock::time_point told_;
};

/// "  suggestion of trial 3, entry 17" and below it what is recorded and what is recomputed, in
/// full.
std::string mismatch_text(const core::Replay::Mismatch& mismatch, const Terminal& terminal);
std::string json_of_mismatch(const core::Replay::Mismatch& mismatch);

/// The error of a log that does not lead to what is recorded in it.
Failure log_differs(const std::string& message);

}  // namespace scopa::cli
