#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "broker/search/acquisition.h"
#include "broker/search/belief.h"
#include "broker/search/history.h"
#include "broker/search/sampler.h"
#include "broker/search/space.h"
#include "broker/search/tpe_sampler.h"

namespace scopa::search {

struct GpSettings {
  std::uint64_t startup = 4;       ///< trials before the model is asked
  BeliefSettings belief;           ///< with more trials than its `trials_max` TPE takes over
  double widening = 1.3;           ///< see Aim
  std::size_t drawn = 450;         ///< candidates from the prior
  std::size_t climbs = 5;          ///< candidates from which the improvement is climbed
  int climb_steps = 40;            ///< in each climb, at most
  double side = 0.4;               ///< of the box around the incumbent, in quantiles
  double explained = 1;            ///< Belief::gain() from which the process is believed everywhere
  std::uint64_t tpe_every = 3;     ///< suggestions, one by TPE, while it is not
  double on_bounds = 1.0 / 3;      ///< of the incumbent's coordinates: then bounds are worth a look
  std::uint64_t around_every = 4;  ///< suggestions, one from the box, while they are
  double margin = 0.1;             ///< to the bounds, in quantiles, while they are not
  double caution = 100;            ///< see Aim: 1 and so many times the share that failed of late
};

/// `method: bayes` by a Gaussian process: the configuration with the largest expected improvement
/// (LogEI, see gaussian_process.h) over the best that the model believes in, where it can be
/// expected not to fail (Belief, Acquisition).
///
/// A parameter's coordinate is its quantile, as in TPE; a category is one coordinate in which any
/// two differ alike; an inactive parameter stands at the middle, or is a category of its own, so
/// that conditions need no models of their own.
///
/// Where it looks depends on how well the process predicts what it was not told
/// (GaussianProcess::left_out_gain()). If it does, every second suggestion comes from anywhere but
/// near the bounds, and the others from a box around the incumbent. If it does not, as results
/// scatter or the function is rugged, all come from the box but every third, which TpeSampler
/// gives: what it is right about does not rest on a fit.
///
/// The process is least sure at the bounds and would go there for that alone (Region). That they
/// are worth it is shown by the incumbent: with a third of its coordinates on bounds, three of four
/// suggestions come from the whole space as soon as the process predicts anything.
///
/// Trials that run count as what the model predicts there, and a candidate beside one of them gives
/// way to others, so that workers who ask at the same time spread out.
///
/// Before `startup` trials have ended, three of them with a value, TpeSampler answers, and beyond
/// `trials_max` with an end; of those without, the newest fill that number up.
class GpSampler final : public Sampler {
 public:
  GpSampler(const spec::SweepSpec& spec, std::uint64_t seed, GpSettings settings = {});
  GpSampler(const GpSampler&) = delete;
  GpSampler& operator=(const GpSampler&) = delete;

  /// How many trials must have ended before the process is asked.
  static std::uint64_t startup(const spec::SweepSpec& spec, const GpSettings& settings = {});

 private:
  using Candidate = Acquisition::Candidate;
  enum class Look : std::uint8_t { kEverywhere, kInside, kAround, kTpe };

  std::optional<Params> propose(const History& history, std::uint64_t number, Why* why) override;
  std::optional<Params> by_tpe(const History& history, std::uint64_t number, Why* why);
  std::optional<Params> at_random(const History& history, std::uint64_t number, Why* why) const;
  bool has_started() const;
  Look look(std::uint64_t number) const;
  Region region(Look look) const;
  double caution(const History& history) const;
  std::uint64_t candidate_seed() const;
  std::vector<Candidate> candidates(const Region& region, std::uint64_t number) const;
  void put_copies_last(std::vector<Candidate>* candidates) const;
  static std::string_view where_text(Look look);
  void note(const History& history, Look look, const Candidate& winner, std::size_t count,
            Why* why) const;

  Space space_;
  std::uint64_t seed_;
  GpSettings settings_;
  std::uint64_t startup_;
  TpeSampler tpe_;
  Belief belief_;
};

}  // namespace scopa::search
