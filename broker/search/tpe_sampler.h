#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "broker/search/history.h"
#include "broker/search/observations.h"
#include "broker/search/parzen.h"
#include "broker/search/sampler.h"
#include "broker/search/space.h"

namespace scopa::search {

struct TpeSettings {
  std::uint64_t startup = 6;    ///< trials before the model is asked
  std::size_t candidates = 24;  ///< drawn from l, of which the best by l / g is taken
  double good_share = 0.25;     ///< gamma: the share of the trials that l is made of ...
  std::size_t good_max = 25;    ///< ... but no more than this
  double good_decay = 6;        ///< the worst of them weighs e^-this of what the best does
  double prior_weight = 1;      ///< of the prior, in trials of g
  KernelRule kernel;
};

/// `method: bayes`: the tree-structured Parzen estimator, asynchronous.
///
/// Bergstra, Bardenet, Bengio, Kegl, "Algorithms for hyper-parameter optimization" (NIPS 2011);
/// named as there. The trials are split at the loss y* with p(y < y*) = gamma, and (eq. 2)
///
///     p(x | y) = l(x) if y < y*,  g(x) otherwise,
///     EI(x) is monotonous in l(x) / g(x)                                        (eq. 3)
///
/// so the candidate with the largest l / g among some drawn from l is suggested. Watanabe,
/// "Tree-structured Parzen estimator: understanding its algorithm components" (arXiv:2304.11127,
/// 2023) says what matters: joint (multivariate) kernels, the prior, narrow but bounded widths, and
/// that better trials weigh more in l: here by their rank, e^(1 - decay r) where a share r of the
/// good ones is better, which no outlier moves. See Mixture for the densities and Observations for
/// how partial trials get their loss.
///
/// In g are also: failed trials (infeasible), and pending ones, so that workers that ask at the
/// same time spread out (constant liar). The first `startup` suggestions, fewer under a small
/// run_cap, are points of a scrambled Sobol sequence in the quantiles. Nothing that the history
/// contains is suggested again; when all candidates are known, random search goes on, and ends
/// where the space does. Candidates and start-up points that violate a constraint are drawn again.
class TpeSampler final : public Sampler {
 public:
  TpeSampler(const spec::SweepSpec& spec, std::uint64_t seed, TpeSettings settings = {});
  TpeSampler(const TpeSampler&) = delete;
  TpeSampler& operator=(const TpeSampler&) = delete;

  /// Of more trials than this that are not good, g is made of the newest half of as many, and of
  /// the older ones evenly chosen: so that what a suggestion costs does not grow with all of them.
  static constexpr std::size_t kOthersMax = 768;

  /// How many trials must have ended before the model is asked, under the spec's run_cap.
  static std::uint64_t startup(const spec::SweepSpec& spec, TpeSettings settings = {});

 private:
  struct Candidate {
    double score = 0;
    double log_good = 0;
    double log_bad = 0;
    Point point;
  };

  std::optional<Params> propose(const History& history, std::uint64_t number, Why* why) override;
  void refresh(const History& history);
  bool split(Why* why);
  std::vector<std::uint64_t> strata_of(std::uint64_t number, std::uint64_t strata) const;
  Stream scramble(std::size_t parameter) const;
  std::optional<Params> stratified(const History& history, std::uint64_t number, Why* why) const;
  std::optional<Params> best_new(const History& history, std::uint64_t number, std::uint64_t round,
                                 Why* why);
  void coordinates(const Point& point);  // into at_
  void weigh_good();                     // into weights_
  // What explains, from what has been computed.
  void note_strata(const Point& point, const std::vector<std::uint64_t>& stratum_of,
                   std::uint64_t strata, std::uint64_t number, std::uint64_t attempt,
                   Why* why) const;
  void note_model(const History& history, Why* why) const;
  void note_candidates(const History& history, const std::vector<Candidate>& candidates,
                       std::size_t winner, Why* why);

  Space space_;
  std::uint64_t seed_;
  TpeSettings settings_;
  Observations observations_;
  Columns columns_;
  Mixture good_, bad_;
  std::vector<std::size_t> ranked_, good_members_, bad_members_;  // scratch
  std::vector<double> weights_, at_;                              // scratch
};

}  // namespace scopa::search
