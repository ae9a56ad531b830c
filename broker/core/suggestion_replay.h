#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "broker/core/event.h"
#include "sdk/base/status.h"

namespace scopa::core {

/// Checks guarantee 6 on a stored sweep: recomputes every suggestion from what the log says the
/// model had seen, and compares it with what was handed out.
///
///     SuggestionReplay replay(sweep);
///     for (each event and report of the sweep, in any order) replay.add(...);
///     auto checked = replay.run();   // checked->mismatches is empty
class SuggestionReplay {
 public:
  explicit SuggestionReplay(SweepId sweep) : sweep_(std::move(sweep)) {}

  void add(Event event) { events_.push_back(std::move(event)); }
  void add(PointsAppended points) { points_.push_back(std::move(points)); }

  struct Mismatch {
    std::uint64_t trial = 0;
    Params recorded;
    std::string recomputed;  ///< as JSON; "none" when the sampler has nothing more
  };
  struct Outcome {
    std::uint64_t checked = 0;
    std::vector<Mismatch> mismatches;
  };
  /// Errors: kCorruption when the log does not hold together.
  Result<Outcome> run();

 private:
  SweepId sweep_;
  std::vector<Event> events_;
  std::vector<PointsAppended> points_;
};

}  // namespace scopa::core
