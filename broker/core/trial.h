#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "broker/core/event.h"
#include "broker/search/history.h"
#include "sdk/base/ids.h"
#include "sdk/base/states.h"
#include "sdk/base/time.h"
#include "sdk/base/value.h"

namespace scopa::core {

/// One execution of a trial by one worker.
struct Attempt {
  std::uint32_t number = 0;
  std::string worker, host, device;
  std::uint64_t request = 0;  ///< of the ask that got it
  std::int64_t started_us = 0;
  std::int64_t ended_us = 0;  ///< 0: it holds the lease
  std::uint64_t points = 0;   ///< applied offset
  std::string ended;          ///< why, for people
  bool lease_lost = false;
  std::optional<StopDecided> stop;

  bool is_live() const { return ended_us == 0; }
};

/// One configuration and what came of it so far; with replicates, one run of a configuration.
struct Trial {
  std::uint64_t number = 0;
  TrialState state = TrialState::kQueued;
  Origin origin = Origin::kSampler;
  Params params;
  std::int64_t created_us = 0;
  std::int64_t ended_us = 0;
  std::string reason;
  std::vector<Attempt> attempts;
  std::uint32_t failures = 0;  ///< attempts that failed, since someone last asked for a retry
  std::uint64_t head = 0;      ///< the first run of the configuration; its own number if it is that
  std::uint32_t replicate = 0;      ///< 0 for the first run
  std::vector<std::uint64_t> runs;  ///< of the first run: the others, in the order of creation
  /// Finite values of the goal metric that the latest attempt has logged, in the order of logging.
  /// It ends with the value that reached max_steps.
  std::vector<search::CurvePoint> curve;
  double best = 0;     ///< of the curve; meaningless while it is empty
  double reduced = 0;  ///< of the curve, as the spec says; meaningless while it is empty

  bool is_head() const { return replicate == 0; }
  Attempt* live_attempt() {
    return !attempts.empty() && attempts.back().is_live() ? &attempts.back() : nullptr;
  }
  const Attempt* live_attempt() const { return const_cast<Trial*>(this)->live_attempt(); }
  std::uint32_t leases_lost() const {
    std::uint32_t lost = 0;
    for (const Attempt& attempt : attempts) lost += attempt.lease_lost ? 1 : 0;
    return lost;
  }
  std::optional<double> value() const {
    return curve.empty() ? std::nullopt : std::optional(reduced);
  }
};

}  // namespace scopa::core
