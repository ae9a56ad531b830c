#include "rehearsal/recorded_trial.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace scopa::rehearsal {
namespace {

double seconds_between(std::int64_t from_us, std::int64_t to_us) {
  return static_cast<double>(to_us - from_us) / 1e6;
}

/// The attempt that was at work when a point was logged.
const wire::AttemptInfo* attempt_at(const wire::TrialInfo& trial, std::int64_t time_us) {
  const wire::AttemptInfo* found = nullptr;
  for (const wire::AttemptInfo& each : trial.attempts) {
    if (found == nullptr || each.started_us <= time_us) found = &each;
  }
  return found;
}

std::vector<double> times_in_attempts(const wire::TrialInfo& trial,
                                      const std::vector<std::int64_t>& times_us) {
  std::vector<double> seconds;
  double before = 0;
  const wire::AttemptInfo* current = nullptr;
  for (const std::int64_t time_us : times_us) {
    const wire::AttemptInfo* attempt = attempt_at(trial, time_us);
    if (attempt != current && current != nullptr) before = seconds.back();
    current = attempt;
    seconds.push_back(before + seconds_between(attempt->started_us, time_us));
  }
  return seconds;
}

bool clocks_agree(const wire::TrialInfo& trial, const std::vector<std::int64_t>& times_us) {
  if (trial.attempts.empty()) return false;
  const std::int64_t ended_us = trial.attempts.back().ended_us;
  return times_us.front() >= trial.attempts.front().started_us &&
         (ended_us == 0 || times_us.back() <= ended_us);
}

}  // namespace

RecordedTrial recorded_trial(const wire::TrialInfo& trial, const PointBlock& points,
                             const std::string& metric) {
  RecordedTrial recorded;
  recorded.number = trial.trial;
  recorded.params = trial.params;
  recorded.is_whole = static_cast<TrialState>(trial.state) == TrialState::kCompleted;
  std::vector<std::int64_t> times_us;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (points.metrics[points.metric[i]] != metric) continue;
    const std::int64_t step = points.step[i];
    if (step < 0 || (!recorded.steps.empty() && step <= recorded.steps.back())) continue;
    recorded.steps.push_back(step);
    recorded.values.push_back(points.value[i]);
    times_us.push_back(
        std::max(points.time_us[i], times_us.empty() ? points.time_us[i] : times_us.back()));
  }
  if (times_us.empty()) return recorded;
  if (clocks_agree(trial, times_us)) {
    recorded.seconds = times_in_attempts(trial, times_us);
    return recorded;
  }
  const double all = seconds_between(times_us.front(), times_us.back());
  const double first = times_us.size() > 1 ? all / static_cast<double>(times_us.size() - 1) : 1.0;
  for (const std::int64_t time_us : times_us) {
    recorded.seconds.push_back(first + seconds_between(times_us.front(), time_us));
  }
  return recorded;
}

}  // namespace scopa::rehearsal
