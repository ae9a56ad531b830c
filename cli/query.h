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

/// Which sweeps, newest first.
struct SweepQuery {
  std::string project;              ///< of this one; empty: of all
  std::uint64_t most = UINT64_MAX;  ///< so many at most
};
struct SweepList {
  std::vector<wire::SweepInfo> sweeps;  ///< as list_sweeps has them, each once
  std::uint64_t total = 0;              ///< that match
};
/// As many pages as it takes.
Result<SweepList> get_sweeps(Link& link, const SweepQuery& query);
Result<wire::SweepInfo> get_sweep(Link& link, const std::string& what,
                                  std::chrono::milliseconds timeout = limits::kReplyTimeout);
Result<Snapshot> get_snapshot(Link& link, const std::string& what);
/// Every page of trials.
Result<std::vector<wire::TrialInfo>> get_trials(Link& link, const SweepId& sweep);
/// Errors: kNotFound that says how many trials there are.
Result<wire::TrialInfo> get_trial(Link& link, const SweepId& sweep, std::uint64_t trial);

/// Points of one attempt.
struct AttemptPoints {
  std::uint32_t attempt = 0;
  PointBlock points;
};
/// Every point that counts for the trial, of all metrics: those of the attempts that its latest one
/// has gone on from, each up to where the next one did, then its own.
Result<std::vector<AttemptPoints>> get_points(Link& link, const SweepId& sweep,
                                              std::uint64_t trial);
/// The same as one block.
PointBlock joined(const std::vector<AttemptPoints>& attempts);

/// "fox-12/17" in two: the sweep, and the trial where one is named. "fox-12" has none.
struct TrialName {
  std::string sweep;
  std::optional<std::uint64_t> trial;
};
TrialName split_trial_name(const std::string& what);

std::int64_t now_us();

}  // namespace scopa::cli
