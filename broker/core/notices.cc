#include <algorithm>
#include <bit>

#include "broker/core/causes.h"
#include "broker/core/sweep.h"
#include "broker/lint/live.h"

namespace scopa::core {
namespace {

constexpr std::string_view kNotStarted = "not started";
// What a shell and `env` end with where there is no such program, or it may not be run.
constexpr std::string_view kNoProgramExits[] = {"exit 126", "exit 127"};

constexpr std::uint64_t kCurvesCompared = 64;

std::uint64_t digest_of(const std::vector<search::CurvePoint>& curve) {
  std::uint64_t digest = 1;
  for (const search::CurvePoint& point : curve) {
    digest = (digest ^ std::bit_cast<std::uint64_t>(point.value)) * 0x9e3779b97f4a7c15U;
    digest = (digest ^ static_cast<std::uint64_t>(point.step)) * 0xc2b2ae3d27d4eb4fU;
    digest ^= digest >> 29;
  }
  return digest;
}

// Of a failed trial: what it was given may be why, and not its machine or the program itself.
bool may_be_its_parameters(const Trial& trial) {
  if (is_of_the_machine(trial.cause) || trial.reason.starts_with(kNotStarted)) return false;
  return std::none_of(std::begin(kNoProgramExits), std::end(kNoProgramExits),
                      [&](std::string_view exit) { return trial.reason.starts_with(exit); });
}

}  // namespace

std::vector<lint::LiveTrial> Sweep::live_trials() const {
  std::vector<lint::LiveTrial> view;
  view.reserve(trials_.size());
  for (const Trial& trial : trials_) {
    lint::LiveTrial live;
    live.number = trial.number;
    live.state = trial.state;
    live.params = &trial.params;
    live.goal_values = trial.values();
    live.value = trial.value();
    live.last_step = trial.curve.empty() ? 0 : trial.curve.back().step;
    live.nans_first = trial.nans_first;
    // Equal curves tell at the start or never.
    if (trial.number < kCurvesCompared && !trial.is_removed()) {
      live.curve_digest = digest_of(trial.curve);
    }
    live.may_be_its_parameters = may_be_its_parameters(trial);
    view.push_back(live);
  }
  return view;
}

// Kept until something happens to a trial: whoever watches a sweep asks once a second. How many
// have ended is not enough: one may be retried while another ends.
std::vector<std::string> Sweep::current_notices() const {
  if (std::none_of(notices_.begin(), notices_.end(), lint::is_renewed)) return notices_;
  if (renewed_) return *renewed_;
  const std::vector<lint::LiveRemark> remarks = lint::live_remarks(*spec, live_trials());
  renewed_.emplace();
  for (const std::string& notice : notices_) {
    if (!lint::is_renewed(notice)) {
      renewed_->push_back(notice);
      continue;
    }
    const auto now = std::find_if(remarks.begin(), remarks.end(), [&](const auto& remark) {
      return notice.starts_with(remark.head());
    });
    if (now != remarks.end()) renewed_->push_back(now->line());
  }
  return *renewed_;
}

}  // namespace scopa::core
