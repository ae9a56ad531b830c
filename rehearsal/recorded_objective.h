#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "broker/search/space.h"
#include "broker/spec/sweep_spec.h"
#include "rehearsal/rehearse.h"
#include "sdk/base/states.h"
#include "sdk/base/status.h"
#include "sdk/base/value.h"

namespace scopa::rehearsal {

/// One trial of a sweep that has run.
struct RecordedTrial {
  std::uint64_t number = 0;
  Params params;
  std::vector<std::int64_t> steps;  ///< of the values, rising
  std::vector<double> values;       ///< NaN and the infinities are facts
  std::vector<double> seconds;      ///< from the start of the training to each of them, rising
  bool is_whole = false;            ///< it completed; else its curve ended early
};

/// A finished sweep as an objective: a configuration trains as the recorded trial nearest to it.
///
/// The distance is Euclid's in the unit cube of the recorded sweep's space: each parameter at its
/// quantile (its place in the prior, so a logarithm where the sweep file had one), beyond its range
/// at the border; two categories that differ are 1 apart, and so is a parameter that only one of
/// the two configurations has. Parameters that the recorded sweep did not vary count nothing. Of
/// trials at one distance the one with the lowest number is taken.
///
/// A curve that ended early goes on as that of the nearest trial (to the configuration asked for)
/// that went further, moved up or down so that the two join, its time stretched by how much faster
/// or slower the two were up to there; and so on until a trial that completed, or none went
/// further. What is joined on is never better than the best value recorded, and no curve is longer
/// than the longest.
///
/// So nothing can be found that was not recorded: the best that any sweep can reach is the best
/// of the recorded ones, and a search has found it as soon as it comes near. Differences between
/// settings tend to look smaller than they are. Pure; const calls may come from several threads.
class RecordedObjective {
 public:
  /// `spec` is the recorded sweep's. Trials without any value are left out. Errors: kNotFound when
  /// none is left, kInvalidArgument for curves whose columns do not fit each other.
  static Result<RecordedObjective> make(const spec::SweepSpec& spec, Goal goal,
                                        std::vector<RecordedTrial> trials);

  /// What a training of `params` would report.
  Training training(const Params& params) const;
  /// The recorded trial nearest to `params`, and how far it is.
  struct Nearest {
    const RecordedTrial* trial = nullptr;
    double distance = 0;
  };
  Nearest nearest(const Params& params) const;
  /// How many trials it rests on.
  std::size_t size() const { return trials_.size(); }
  /// The best finite value at the end of a whole curve; of any curve where none is whole.
  double best() const { return best_end_; }
  std::int64_t longest() const { return longest_; }

 private:
  using Place = std::vector<double>;  // quantile or category of each parameter; < 0: absent

  RecordedObjective(const spec::SweepSpec& spec, Goal goal) : space_(spec), goal_(goal) {}
  Place place(const Params& params) const;
  double distance(const Place& a, const Place& b) const;
  void find_bounds();
  const RecordedTrial* donor(const std::vector<double>& distances, std::int64_t step) const;
  void join(const RecordedTrial& donor, Training* training) const;

  search::Space space_;
  Goal goal_;
  std::vector<RecordedTrial> trials_;
  std::vector<Place> places_;
  double best_ = 0;      // of all values
  double best_end_ = 0;  // of the ends of whole curves
  std::int64_t longest_ = 0;
};

}  // namespace scopa::rehearsal
