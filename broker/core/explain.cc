#include "broker/core/explain.h"

#include <utility>

#include "broker/core/checker.h"
#include "sdk/base/text.h"

namespace scopa::core {

Result<Explanation> Explain::run(std::uint64_t trial, const Replay::Progress& progress) {
  SCOPA_ASSIGN_OR_RETURN(LogWalk walk, LogWalk::begin(&log_));
  Explanation explanation;
  explanation.trial.trial = trial;
  Checker checker(&walk, &explanation);
  SCOPA_RETURN_IF_ERROR(checker.run(progress));
  const Sweep& sweep = walk.sweep();
  const Trial* found = sweep.find(trial);
  if (found == nullptr) {
    const std::size_t count = sweep.trials().size();
    return Status{
        Code::kNotFound,
        "sweep " + printable(sweep.id, 64) + " has no trial " + std::to_string(trial),
        count == 0 ? "it has none yet" : "it has " + std::to_string(count) + ", numbered from 0"};
  }
  const Instant end = from_unix_us(sweep.updated_us);
  explanation.sweep = sweep.info(end);
  explanation.trial = sweep.trial_info(*found, end);
  return explanation;
}

}  // namespace scopa::core
