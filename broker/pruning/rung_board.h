#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "broker/pruning/pruner.h"
#include "sdk/base/ids.h"
#include "sdk/base/states.h"

namespace scopa::pruning {

/// A trial's loss at a rung. They are ranked by loss and, where it is the same, by number: a rank
/// does not depend on who came first, so a restarted broker, which reads trial by trial, finds the
/// same one.
struct Ranked {
  double loss = 0;
  std::uint64_t trial = 0;
  bool operator<(const Ranked& other) const {
    return loss != other.loss ? loss < other.loss : trial < other.trial;
  }
};

/// The trials at one rung, cut in two: the best ones are kept, the rest is not. Moving the cut by
/// one costs O(log n), asking for its two sides nothing.
class RankedSplit {
 public:
  void insert(const Ranked& entry);
  void erase(const Ranked& entry);  ///< which is there
  void keep(std::size_t count);     ///< moves the cut to the best `count`

  std::size_t size() const { return kept_.size() + rest_.size(); }
  /// All, from the best to the worst.
  std::vector<Ranked> all() const;
  bool keeps(const Ranked& entry) const { return !kept_.empty() && !(*kept_.rbegin() < entry); }
  /// The two sides of the cut; null where there is nobody.
  const Ranked* worst_kept() const { return kept_.empty() ? nullptr : &*kept_.rbegin(); }
  const Ranked* best_of_rest() const { return rest_.empty() ? nullptr : &*rest_.begin(); }

 private:
  std::set<Ranked> kept_;
  std::set<Ranked> rest_;
};

/// Which trials reached which rungs, with what: what all pruners that compare trials share.
///
/// A trial reaches a rung with its first value at it or after it; a value that skips rungs counts
/// at all of them. Steps that repeat or go back reach nothing new. Who has reached a rung stays
/// there, whatever becomes of the trial. Not thread-safe.
class RungBoard {
 public:
  /// How many of so many trials at a rung (an index) are kept: at most as many.
  using Keep = std::function<std::size_t(std::size_t trials, std::size_t rung)>;

  static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

  /// `rungs` ascend and differ. Who comes to the step `safe_from` is compared no more.
  RungBoard(std::vector<std::uint64_t> rungs, Keep keep, std::uint64_t safe_from = kNever);

  /// Returns whether the trial reached a rung, or safety. O(log n) for each one.
  bool reach(TrialNumber trial, std::int64_t step, double loss);
  /// The trial leaves all rungs.
  void forget(TrialNumber trial);

  struct Place {
    std::size_t rung = 0;  ///< index
    Ranked entry;
    std::int64_t step = 0;  ///< at which it was reached
  };
  /// The last rung that the trial has reached; nothing once it is safe.
  std::optional<Place> last(TrialNumber trial) const;

  /// With what the trial reached the rungs, from the first to the last that it has reached.
  std::span<const double> losses(std::uint64_t trial) const {
    return trial < trials_.size() ? std::span(trials_[trial].losses) : std::span<const double>();
  }
  std::uint64_t trials() const { return trials_.size(); }  ///< above all that reached a rung

  /// Who is at a rung, for Grounds::ranking.
  std::vector<Grounds::Place> ranking(std::size_t rung, Goal goal,
                                      const std::function<bool(const Ranked&)>& goes_on) const;

  const std::vector<std::uint64_t>& rungs() const { return rungs_; }
  const RankedSplit& at(std::size_t rung) const { return at_[rung]; }

 private:
  struct Trial {
    std::int64_t step = 0;
    std::vector<double> losses;  // at the rungs reached
    bool is_safe = false;
  };

  std::vector<std::uint64_t> rungs_;
  Keep keep_;
  std::uint64_t safe_from_;
  std::vector<RankedSplit> at_;
  std::vector<Trial> trials_;  // by number
};

}  // namespace scopa::pruning
