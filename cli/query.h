#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/connect.h"
#include "sdk/base/point_block.h"
#include "sdk/base/states.h"
#include "sdk/base/status.h"
#include "sdk/wire/messages.h"

namespace scopa::cli {

/// A sweep and all its trials, as of about now.
struct Snapshot {
  wire::SweepInfo sweep;
  std::vector<wire::TrialInfo> trials;
  std::int64_t now_us = 0;
  bool from_broker = false;  ///< else from a store in which nothing runs
  Goal goal() const { return static_cast<Goal>(sweep.goal); }
};

Result<wire::SweepInfo> get_sweep(Link& link, const std::string& what,
                                  std::chrono::milliseconds timeout = limits::kReplyTimeout);
Result<Snapshot> get_snapshot(Link& link, const std::string& what);
/// Every page of trials.
Result<std::vector<wire::TrialInfo>> get_trials(Link& link, const SweepId& sweep);
/// Errors: kNotFound that says how many trials there are.
Result<wire::TrialInfo> get_trial(Link& link, const SweepId& sweep, std::uint64_t trial);
/// Every point of an attempt (0: the latest), as one block. `*attempt_used` says which one.
Result<PointBlock> get_points(Link& link, const SweepId& sweep, std::uint64_t trial,
                              std::uint32_t attempt, std::uint32_t* attempt_used);

/// "fox-12/17" in two: the sweep, and the trial where one is named. "fox-12" has none.
struct TrialName {
  std::string sweep;
  std::optional<std::uint64_t> trial;
};
TrialName split_trial_name(const std::string& what);

std::int64_t now_us();

}  // namespace scopa::cli
