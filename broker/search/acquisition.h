#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "broker/search/gaussian_process.h"
#include "broker/search/space.h"

namespace scopa::search {

/// Where a point of the space stands for the process, a value for each parameter: its quantile; an
/// inactive one in the middle; a category its index, an inactive one -1.
Eigen::VectorXd process_coordinates(const Space& space, const Point& point);

/// What GpSampler looks for: the logarithm of the expected improvement over `best` by `process`
/// (see log_improvement()), and points of the space where it is large. The process's deviations
/// count `widening` times: they are those under one set of hyperparameters, the most probable one,
/// and so smaller than what is not known.
///
/// Many points are asked for at once wherever that can be, as the process answers a matrix of them
/// in a fraction of the time. Both references must outlive it. Thread-safe while neither changes.
class Acquisition {
 public:
  struct Candidate {
    double score = 0;
    Point point;
  };

  Acquisition(const Space& space, const GaussianProcess& process, double best, double widening = 1)
      : space_(space), process_(process), best_(best), widening_(widening) {}

  /// Sets the scores, and puts the largest first.
  void score(std::vector<Candidate>* candidates) const;

  /// From each scored candidate on: along the gradient in the ordered coordinates, then single
  /// steps in the finite parameters, then along the gradient again; at most `steps` gradients each
  /// time. What comes out is admitted by the space, and no candidate is worse than before.
  void improve(std::span<Candidate> candidates, int steps) const;

 private:
  class Climber;
  std::vector<double> scores(const std::vector<Point>& points) const;
  void take_better(std::span<const std::size_t> owners, std::vector<Point> points,
                   std::span<Candidate> candidates) const;
  void climb(std::span<Candidate> candidates, int steps) const;
  void step_through(std::span<Candidate> candidates) const;

  const Space& space_;
  const GaussianProcess& process_;
  double best_, widening_;
};

}  // namespace scopa::search
