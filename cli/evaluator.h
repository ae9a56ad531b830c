#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "cli/line_process.h"
#include "rehearsal/rehearse.h"
#include "sdk/base/status.h"
#include "sdk/base/value.h"

namespace scopa::cli {

/// A program of the user's own as an objective: it reads a configuration per line and answers with
/// the curve of its training, a line each (docs/rehearse.md).
///
///     {"trial":0,"params":{"lr":0.1}}
///     {"values":[0.9,0.5,0.4],"step_seconds":12.5}
///
/// It is asked once for each configuration, whatever its spelling. One thread.
class Evaluator {
 public:
  /// Errors: kResource. `leave`: as LineProcess::ask.
  static Result<std::unique_ptr<Evaluator>> start(const std::string& command,
                                                  std::chrono::milliseconds patience,
                                                  std::function<bool()> leave);
  /// Errors: those of LineProcess::ask, kInvalidArgument for an answer that is none; all say whose
  /// they are, and stay: it is not asked again.
  Result<rehearsal::Training> train(const Params& params);
  /// Configurations that it was asked for.
  std::size_t asked() const { return known_.size(); }

 private:
  Evaluator(std::unique_ptr<LineProcess> process, std::chrono::milliseconds patience,
            std::function<bool()> leave)
      : process_(std::move(process)), patience_(patience), leave_(std::move(leave)) {}

  std::unique_ptr<LineProcess> process_;
  std::chrono::milliseconds patience_;
  std::function<bool()> leave_;
  std::map<std::string, rehearsal::Training> known_;  // by canonical text
  Status broken_;
};

/// Reads an answer: `values` (numbers, or "nan", "inf", "-inf") and `step_seconds`, or `seconds` of
/// each value since the start; optional: `steps`, of each value; `error`, a text: the training
/// fails after its values, which may then be missing. Errors: kInvalidArgument.
Result<rehearsal::Training> read_training(std::string_view answer);

}  // namespace scopa::cli
