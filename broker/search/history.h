#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "sdk/base/ids.h"
#include "sdk/base/states.h"
#include "sdk/base/value.h"

namespace scopa::search {

/// A finite value of the goal metric, in the order in which it was logged.
struct CurvePoint {
  std::int64_t step = 0;
  double value = 0;
  bool operator==(const CurvePoint&) const = default;
};

/// What a sampler may know of one trial.
struct TrialRecord {
  TrialNumber number{};
  TrialState state = TrialState::kQueued;
  Params params;
  std::vector<CurvePoint> curve;  ///< of the goal metric, finite values only
  std::optional<double>
      value;  ///< the result as the spec reduces it, the mean over replicates; none if none
  bool blameless = false;        ///< it failed by no fault of the configuration: a machine was lost
  std::uint32_t replicates = 1;  ///< runs in the mean
  double spread = 0;             ///< their standard deviation; 0 with fewer than two
};

/// One change of what is known. The broker sends these to the model thread in the order in which
/// they were decided, so that a request for a suggestion behind them sees exactly what was decided
/// before it.
struct HistoryChange {
  enum class Kind : std::uint8_t {
    kAdded,    ///< a new trial
    kPoints,   ///< more of its curve
    kState,    ///< its state or result changed
    kRestart,  ///< a new attempt starts from nothing: the curve so far is void
  } kind = Kind::kAdded;
  TrialNumber number{};
  TrialState state = TrialState::kQueued;  ///< kAdded, kState
  Params params;                           ///< kAdded
  std::vector<CurvePoint> points;          ///< kPoints: appended to the curve
  bool blameless = false;                  ///< kState: see TrialRecord
  std::optional<double> value;             ///< kState: the result so far
  std::uint32_t replicates = 1;            ///< kState: runs in it
  double spread = 0;                       ///< kState: their standard deviation
};

/// All trials of a sweep as the sampler sees them. Same changes in the same order: same history.
/// Values that are not finite, and changes of trials that were never added, are dropped. Not
/// thread-safe.
class History {
 public:
  void apply(const HistoryChange& change);

  /// Indexed by trial number.
  const std::vector<TrialRecord>& trials() const { return trials_; }
  /// Whether a trial has this configuration (canonical_text), whatever became of it.
  bool contains(const std::string& canonical) const { return seen_.contains(canonical); }
  /// For each trial a hash of all that was said of it (never 0): what was derived from a trial
  /// holds as long as its digest is the same, in this history or another one. Of this process only.
  const std::vector<std::uint64_t>& digests() const { return digests_; }

 private:
  void add(const HistoryChange& change, std::uint64_t index);
  void touch(std::uint64_t index, std::uint64_t word);

  std::vector<TrialRecord> trials_;
  std::vector<std::uint64_t> digests_;
  std::unordered_set<std::string> seen_;
};

}  // namespace scopa::search
