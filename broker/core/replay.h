#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "broker/core/log_walk.h"
#include "sdk/base/status.h"

namespace scopa::core {

/// Checks guarantee 6 on a stored sweep: steps through its log once and recomputes, by the code
/// that decided, every suggestion from what the model had seen, every initial point and replicate,
/// every stop from the curves, limits and budgets, and the end of the sweep where its spec brought
/// it about. What follows from the log but is not in it (a stop that was never decided) is found as
/// well.
///
/// Not recomputed: what people and machines do (cancel, enqueue, which worker asks when), and that
/// a limit in time was noticed at once: a stop for time or budget is checked not to come early.
///
///     Replay replay(sweep);
///     for (each event and report of the sweep, in any order) replay.add(...);
///     auto checked = replay.run();   // checked->mismatches is empty
///
/// A thousand trials of a bayes sweep take about a second.
class Replay {
 public:
  static constexpr std::size_t kMismatchesMax = 1000;  // listed

  explicit Replay(SweepId sweep) : log_(std::move(sweep)) {}

  void add(Event event) { log_.add(std::move(event)); }
  void add(PointsAppended points) { log_.add(std::move(points)); }

  enum class What : std::uint8_t { kSuggestion, kStop, kEnd };
  struct Mismatch {
    What what = What::kSuggestion;
    std::uint64_t seq = 0;  ///< of the entry; for what is missing, of the one that it follows from
    std::uint64_t trial = 0;    ///< but kEnd
    std::uint32_t attempt = 0;  ///< kStop
    std::string recorded;       ///< for people; empty: it is not in the log
    std::string recomputed;     ///< for people; empty: nothing in the log leads to it
    bool operator==(const Mismatch&) const = default;
  };
  struct Outcome {
    std::uint64_t events = 0;
    std::uint64_t reports = 0;
    std::uint64_t trials = 0;
    std::uint64_t suggestions = 0;  ///< of the sampler, checked
    std::uint64_t given = 0;        ///< initial points and replicates, checked
    std::uint64_t stops = 0;        ///< checked
    std::uint64_t ends = 0;         ///< checked
    std::uint64_t differ = 0;       ///< of all these, and what is missing
    /// Decisions that were made by other rules than this build's (kRules) and cannot be checked.
    std::uint64_t not_recomputed = 0;
    std::uint32_t other_rules = 0;  ///< the newest of those rules; 0: there are none
    /// Decisions that may rest on points that have been removed since (TrialRemoved).
    std::uint64_t without_points = 0;
    std::vector<Mismatch> mismatches;
    bool agrees() const { return differ == 0; }
  };
  using Progress = std::function<void(std::size_t done, std::size_t all)>;  ///< entries of the log

  /// Errors: kCorruption when the log does not hold together.
  Result<Outcome> run(const Progress& progress = {});

 private:
  SweepLog log_;
};

/// "suggestion", "stop", "end".
std::string_view name_of(Replay::What what);
/// One line for people.
std::string to_text(const Replay::Mismatch& mismatch);

}  // namespace scopa::core
