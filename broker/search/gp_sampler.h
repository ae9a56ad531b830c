#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "broker/search/acquisition.h"
#include "broker/search/gaussian_process.h"
#include "broker/search/history.h"
#include "broker/search/observations.h"
#include "broker/search/random.h"
#include "broker/search/sampler.h"
#include "broker/search/space.h"
#include "broker/search/tpe_sampler.h"

namespace scopa::search {

struct GpSettings {
  std::uint64_t startup = 4;     ///< trials before the model is asked
  std::size_t trials_max = 400;  ///< with more, TPE takes over
  int fit_steps = 60;            ///< gradients for the hyperparameters, at most
  std::size_t fit_max = 120;     ///< trials that they are fitted to
  double widening = 1.3;         ///< by which deviations count for the improvement, see Acquisition
  std::size_t drawn = 450;       ///< candidates from the prior
  std::size_t climbs = 5;        ///< candidates from which the improvement is climbed
  int climb_steps = 40;          ///< in each climb, at most
};

/// `method: bayes` by a Gaussian process: the configuration with the largest expected improvement
/// (LogEI, see gaussian_process.h) over the best that the model believes in.
///
/// A parameter's coordinate is its quantile, as in TPE; a category is one coordinate in which any
/// two differ alike; an inactive parameter stands at the middle, or is a category of its own, so
/// that conditions need no models of their own. Losses above the median count by their logarithm,
/// as outliers there would flatten everything below. A curve without an end counts with the end
/// that curves::EndForecaster expects, and is believed the less the less sure that is. Failed
/// trials come above all others (standardise()); pending ones count as what the model predicts
/// there, so that workers who ask at the same time spread out.
///
/// The improvement is taken at random points; from the best of these it is climbed (see
/// Acquisition).
///
/// The hyperparameters are fitted to the first of the ended trials, in steps of an eighth of their
/// number, at most to `fit_max` of them, so that what one suggestion costs does not grow with all
/// others. Before `startup` trials have ended TpeSampler answers, and beyond `trials_max` with an
/// end; of those without, the newest fill that number up.
class GpSampler final : public Sampler {
 public:
  GpSampler(const spec::SweepSpec& spec, std::uint64_t seed, GpSettings settings = {});
  GpSampler(const GpSampler&) = delete;
  GpSampler& operator=(const GpSampler&) = delete;

  /// How many trials must have ended before the process is asked.
  static std::uint64_t startup(const spec::SweepSpec& spec, const GpSettings& settings = {});

 private:
  using Candidate = Acquisition::Candidate;

  std::optional<Params> propose(const History& history, std::uint64_t number, Why* why) override;
  std::optional<Params> start_up(const History& history, std::uint64_t number, Why* why);
  void refresh(const History& history);
  void limit_partial();
  GaussianProcess::Points columns(std::span<const std::size_t> trials) const;
  GaussianProcess::Data data(std::span<const std::size_t> trials) const;
  std::vector<std::size_t> chosen_to_fit(const History& history) const;
  void fit(const History& history);
  std::uint64_t candidate_seed() const;
  std::vector<Candidate> candidates(std::uint64_t number) const;
  void note(const History& history, const Candidate& winner, std::size_t count, Why* why) const;

  Space space_;
  std::uint64_t seed_;
  GpSettings settings_;
  std::uint64_t startup_;
  TpeSampler tpe_;
  Observations observations_;
  std::vector<Eigen::VectorXd> at_;  // by trial
  std::vector<std::size_t> learned_, pending_;
  GaussianProcess process_;
  GaussianProcess::Hyper hyper_;
  std::vector<double> fitted_to_;  // trials, losses and doubts that hyper_ belongs to
  double best_ = 0;
};

}  // namespace scopa::search
