#pragma once

#include <cstdint>
#include <utility>

#include "sdk/base/states.h"
#include "sdk/wire/messages.h"

namespace scopa::analysis {

/// A trial for tests: number, state and value; the rest is set by hand.
inline wire::TrialInfo trial(std::uint64_t number, TrialState state) {
  wire::TrialInfo t;
  t.trial = number;
  t.state = static_cast<std::uint8_t>(state);
  return t;
}

inline wire::TrialInfo trial(std::uint64_t number, TrialState state, double value) {
  wire::TrialInfo t = trial(number, state);
  t.has_value = true;
  t.value = t.best = value;
  t.values = 1;
  return t;
}

/// The first run of a configuration of which `runs` are complete.
inline wire::TrialInfo head(std::uint64_t number, double value, double mean, std::uint32_t runs) {
  wire::TrialInfo t = trial(number, TrialState::kCompleted, value);
  t.replicate_of = number;
  t.mean = mean;
  t.mean_count = runs;
  t.spread = 0.25;
  return t;
}

inline wire::TrialInfo replicate(std::uint64_t number, std::uint64_t of, double value) {
  wire::TrialInfo t = trial(number, TrialState::kCompleted, value);
  t.replicate_of = of;
  t.replicate = 1;
  return t;
}

inline wire::TrialInfo ran(wire::TrialInfo t, std::uint64_t values, std::int64_t start_s,
                           std::int64_t end_s) {
  t.values = values;
  t.last_step = static_cast<std::int64_t>(values);
  t.started_us = start_s * 1'000'000;
  t.ended_us = end_s * 1'000'000;
  t.running_us = t.ended_us - t.started_us;
  return t;
}

}  // namespace scopa::analysis
