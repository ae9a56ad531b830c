#include "broker/core/usage.h"

#include <algorithm>

namespace scopa::core {
namespace {

// So that no sum overflows; nobody has 60,000 years of devices.
constexpr std::int64_t kBudgetMaxUs = 2'000'000'000'000'000'000;

}  // namespace

// A clock that was set wrong must not make sums overflow: ten years times all clients still fit.
std::int64_t Usage::since_first(std::int64_t at_us) const {
  constexpr std::int64_t kTenYearsUs = 315'360'000'000'000;
  return std::clamp<std::int64_t>(at_us - first_us_, 0, kTenYearsUs);
}

void Usage::attempt_started(std::int64_t at_us) {
  if (first_us_ == 0) first_us_ = at_us;
  ++running_;
  starts_us_ += since_first(at_us);
}

void Usage::attempt_ended(std::int64_t started_us, std::int64_t at_us) {
  --running_;
  starts_us_ -= since_first(started_us);
  done_us_ += std::max<std::int64_t>(0, since_first(at_us) - since_first(started_us));
}

void Usage::attempt_held(std::int64_t started_us, std::int64_t ended_us) {
  ++running_;
  starts_us_ += since_first(started_us);
  done_us_ -= std::max<std::int64_t>(0, since_first(ended_us) - since_first(started_us));
}

void Usage::sweep_ended(std::int64_t at_us) {
  if (ended_us_ == 0) ended_us_ = at_us;
}

void Usage::sweep_resumed(std::int64_t at_us) {
  if (ended_us_ != 0 && first_us_ != 0) idle_us_ += std::max<std::int64_t>(0, at_us - ended_us_);
  ended_us_ = 0;
}

std::int64_t Usage::wall_us(Instant now) const {
  if (first_us_ == 0) return 0;
  const std::int64_t end = ended_us_ != 0 ? ended_us_ : to_unix_us(now);
  return std::max<std::int64_t>(0, since_first(end) - idle_us_);
}

std::int64_t Usage::device_us(Instant now) const {
  const std::int64_t running = running_ * since_first(to_unix_us(now)) - starts_us_;
  return done_us_ + std::max<std::int64_t>(0, running);
}

std::optional<Instant> Usage::wall_reaches(std::int64_t wall_us) const {
  if (first_us_ == 0 || ended_us_ != 0) return std::nullopt;
  return from_unix_us(first_us_ + idle_us_ + std::min(wall_us, kBudgetMaxUs));
}

std::optional<Instant> Usage::device_reaches(std::int64_t device_us) const {
  const std::int64_t left = std::min(device_us, kBudgetMaxUs) - done_us_;
  if (running_ == 0) {
    return left > 0 || first_us_ == 0 ? std::nullopt : std::optional(from_unix_us(first_us_));
  }
  // running * t - starts = left, rounded up: at that moment it has been used.
  return from_unix_us(first_us_ +
                      std::max<std::int64_t>(0, (left + starts_us_ + running_ - 1) / running_));
}

}  // namespace scopa::core
