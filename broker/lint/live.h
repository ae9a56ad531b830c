#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/lint/rules.h"
#include "broker/spec/sweep_spec.h"
#include "sdk/base/states.h"
#include "sdk/base/value.h"

namespace scopa::lint {

/// One trial of a running sweep, as far as the live rules look at it. Borrows what it points to.
struct LiveTrial {
  std::uint64_t number = 0;
  TrialState state = TrialState::kQueued;
  const Params* params = nullptr;
  std::size_t goal_values = 0;   ///< finite values of the goal metric
  std::optional<double> value;   ///< the result, none without a value
  std::int64_t last_step = 0;    ///< of the goal metric; meaningless without values
  std::uint64_t nans_first = 0;  ///< values before its first finite one that were NaN or infinite
  /// Of its finite values: equal for equal curves. 0: it was not looked at.
  std::uint64_t curve_digest = 0;
  /// Of one that failed: neither its machine nor the program itself is to blame.
  bool may_be_its_parameters = true;
};

/// Something that the owner of a running sweep should look at.
struct LiveRemark {
  Rule rule;
  std::string subject;  ///< what it is about: a metric or a parameter
  std::string text;     ///< what is the matter, and the remedy

  /// "L053 `lr`:": the same for all remarks of one rule on one subject, of which one is enough.
  std::string head() const;
  /// "L053 `lr`: the best trial ..."
  std::string line() const { return head() + ' ' + text; }
};

/// Whether a notice with this text is one of live_remarks(), which say anew what holds when they
/// are asked again.
bool is_renewed(std::string_view notice);

/// Whether to look again now that `ended` trials have ended: four times while that number doubles,
/// so that all looks together cost what a few looks at all trials do, and not beyond 10,000.
bool is_time_to_look(std::uint64_t ended);

/// A trial has completed without the goal metric: names what came instead.
LiveRemark goal_never_logged(const std::string& goal, const std::vector<std::string>& logged);

/// Trial `trial` was told to stop and took SIGTERM after the SDK's flag, or `killed`: SIGKILL.
/// `grace`: how long it had, "1m".
LiveRemark ended_by_force(std::uint64_t trial, bool killed, const std::string& grace);

/// Trial `trial` had reached max_steps when its trainer failed: `how`, "exit 1".
LiveRemark failed_after_its_end(std::uint64_t trial, const std::string& how);

/// What the trials so far show: the goal metric logged only once though it is to be compared, or a
/// pruner that none of them ever meets; the best trial at the border of a range; all trials of a
/// category failing; no better one for a while. Pure; takes O(trials * parameters).
std::vector<LiveRemark> live_remarks(const spec::SweepSpec& spec,
                                     const std::vector<LiveTrial>& trials);

}  // namespace scopa::lint
