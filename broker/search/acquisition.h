#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "broker/search/feasibility.h"
#include "broker/search/gaussian_process.h"
#include "broker/search/region.h"
#include "broker/search/space.h"

namespace scopa::search {

/// Where a point of the space stands for the process, a value for each parameter: its quantile; an
/// inactive one in the middle; a category its index, an inactive one -1.
Eigen::VectorXd process_coordinates(const Space& space, const Point& point);

/// What is looked for: the logarithm of the expected improvement over `best` by `process` (see
/// log_improvement()), plus `caution` times that of the probability of an end by `feasibility`,
/// inside `region`. Where something has failed, improvements of less than e^-9 deviations count as
/// that: to fail for less is not worth it. What is pointed to must outlive what looks.
struct Aim {
  const GaussianProcess* process = nullptr;
  double best = 0;
  /// The process's deviations count so many times: they are those under one set of hyperparameters,
  /// the most probable one, and so smaller than what is not known.
  double widening = 1;
  const Feasibility* feasibility = nullptr;  ///< none: everything comes to an end
  double caution = 1;
  const Region* region = nullptr;  ///< none: the whole space
};

/// Points of the space that come close to an Aim.
///
/// Many points are asked for at once wherever that can be, as the process answers a matrix of them
/// in a fraction of the time. Thread-safe while nothing that it was given changes.
class Acquisition {
 public:
  struct Candidate {
    double score = 0;
    Point point;
  };

  Acquisition(const Space& space, const Aim& aim) : space_(space), aim_(aim) {}

  /// Sets the scores, and puts the largest first.
  void score(std::vector<Candidate>* candidates) const;

  /// From each scored candidate on: along the gradient in the ordered coordinates, then single
  /// steps in the finite parameters, then along the gradient again; at most `steps` gradients each
  /// time. What comes out is admitted by the space, and no candidate is worse than before.
  void improve(std::span<Candidate> candidates, int steps) const;

 private:
  class Climber;
  std::vector<double> scores(const std::vector<Point>& points) const;
  std::vector<double> scores(const GaussianProcess::Points& at, Eigen::MatrixXd* gradients) const;
  void weigh_by_feasibility(const GaussianProcess::Points& at, std::vector<double>* scores,
                            Eigen::MatrixXd* gradients) const;
  void take_better(std::span<const std::size_t> owners, std::vector<Point> points,
                   std::span<Candidate> candidates) const;
  void climb(std::span<Candidate> candidates, int steps) const;
  void step_through(std::span<Candidate> candidates) const;

  const Space& space_;
  Aim aim_;
};

}  // namespace scopa::search
