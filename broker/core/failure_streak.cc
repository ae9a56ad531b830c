#include "broker/core/failure_streak.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "sdk/base/limits.h"

namespace scopa::core {
namespace {

constexpr double kRateMin = 1.0 / 3;

}  // namespace

void FailureStreak::failed(std::uint64_t trial, Cause cause) {
  if (count_ > 0 && trial == last_trial_) return;
  last_trial_ = trial;
  ++count_;
  ++causes_[cause];
}

void FailureStreak::succeeded() {
  ++results_;
  failed_ += count_;
  count_ = 0;
  causes_.clear();
}

void FailureStreak::forget() {
  count_ = 0;
  causes_.clear();
}

bool FailureStreak::is_beyond_chance() const {
  if (results_ == 0 || count_ < limits::kQuarantineFailures) return false;
  const double seen =
      static_cast<double>(failed_ + 1) / static_cast<double>(failed_ + results_ + 2);
  const double rate = std::max(seen, kRateMin);
  double chance = 1;
  for (std::uint64_t i = 0; i < count_ && chance > limits::kQuarantineChance; ++i) chance *= rate;
  return chance <= limits::kQuarantineChance;
}

std::string FailureStreak::causes() const {
  std::vector<std::pair<Cause, std::uint64_t>> sorted(causes_.begin(), causes_.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string text;
  for (const auto& [cause, count] : sorted) {
    const std::string name(name_of(cause));
    text += (text.empty() ? "" : ", ") + std::to_string(count) + " " +
            (name.empty() ? "unknown" : name);
  }
  return text;
}

}  // namespace scopa::core
