#include "broker/search/acquisition.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "broker/search/math.h"

namespace scopa::search {
namespace {

constexpr std::uint64_t kNeighboursMax = 8;  // categories that a step tries
constexpr double kFirstStep = 0.05;
constexpr double kLongestStep = 0.2;
// What is left to improve on where nothing fails may be next to nothing, and any failing place
// would promise more: below this, ln of an improvement, in deviations, no difference counts.
constexpr double kLogTrifle = -9;
constexpr double kOverMax = 600;
constexpr double kConverged = 1e-3;  // no coordinate moved further

bool is_climbed(const Domain& domain, const Choice& value) {
  return value.active && !domain.is_categorical() && !domain.is_constant();
}

// Quantiles 0 and 1 of what has no bounds are no values.
double inside(const Domain& domain, double unit) {
  using enum spec::DistributionKind;
  const auto kind = domain.distribution().kind;
  const bool has_tails =
      kind == kNormal || kind == kQNormal || kind == kLogNormal || kind == kQLogNormal;
  const double margin = has_tails ? 1e-3 : 0;
  return std::clamp(unit, margin, 1 - margin);
}

// Values that one step leads to.
std::vector<std::uint64_t> beside(const Domain& domain, std::uint64_t now) {
  std::vector<std::uint64_t> indices;
  if (!domain.is_categorical()) {
    if (now > 0) indices.push_back(now - 1);
    if (now + 1 < domain.count()) indices.push_back(now + 1);
    return indices;
  }
  for (std::uint64_t k = 1; k < domain.count() && k <= kNeighboursMax; ++k) {
    indices.push_back((now + k) % domain.count());
  }
  return indices;
}

}  // namespace

Eigen::VectorXd process_coordinates(const Space& space, const Point& point) {
  Eigen::VectorXd at(static_cast<Eigen::Index>(space.size()));
  for (std::size_t j = 0; j < space.size(); ++j) {
    const Domain& domain = space.domain(j);
    double& x = at[static_cast<Eigen::Index>(j)];
    if (domain.is_categorical()) {
      x = point[j].active ? static_cast<double>(point[j].index) : -1;
    } else if (!point[j].active) {
      x = 0.5;
    } else {
      x = quantile(domain, point[j]);
    }
  }
  return at;
}

// One climb in the ordered coordinates, the finite ones taken for continuous: resilient steps, of
// whose gradient only the signs count (Riedmiller and Braun 1993).
class Acquisition::Climber {
 public:
  Climber(const Space& space, const Region* region, const Point& start)
      : space_(&space),
        region_(region),
        start_(&start),
        at_(process_coordinates(space, start)),
        best_(at_),
        last_(Eigen::VectorXd::Zero(at_.size())),
        step_(Eigen::VectorXd::Zero(at_.size())) {
    for (std::size_t j = 0; j < space.size(); ++j) {
      if (is_climbed(space.domain(j), start[j])) step_[static_cast<Eigen::Index>(j)] = kFirstStep;
    }
    has_converged_ = step_.isZero();
  }

  const Eigen::VectorXd& at() const { return at_; }
  bool has_converged() const { return has_converged_; }

  void move(double score, const Eigen::VectorXd& gradient) {
    if (score > best_score_) {
      best_score_ = score;
      best_ = at_;
    }
    has_converged_ = true;
    for (Eigen::Index j = 0; j < at_.size(); ++j) {
      if (step_[j] == 0) continue;
      const double agreement = gradient[j] * last_[j];
      if (agreement > 0) step_[j] = std::min(step_[j] * 1.2, kLongestStep);
      if (agreement < 0) step_[j] *= 0.5;
      last_[j] = agreement < 0 ? 0 : gradient[j];
      const double from = at_[j];
      if (gradient[j] != 0) at_[j] += gradient[j] > 0 ? step_[j] : -step_[j];
      const auto parameter = static_cast<std::size_t>(j);
      if (region_ != nullptr) at_[j] = region_->nearest(parameter, at_[j]);
      at_[j] = inside(space_->domain(parameter), at_[j]);
      has_converged_ = has_converged_ && std::abs(at_[j] - from) < kConverged;
    }
  }

  /// The best that it has seen, finite parameters back on their values.
  Point reached() const {
    Point point = *start_;
    for (std::size_t j = 0; j < point.size(); ++j) {
      const Domain& domain = space_->domain(j);
      if (!is_climbed(domain, point[j])) continue;
      const double x = best_[static_cast<Eigen::Index>(j)];
      if (domain.is_finite()) {
        point[j].index = domain.index_at(x);
      } else {
        point[j].unit = x;
      }
    }
    return point;
  }

 private:
  const Space* space_;
  const Region* region_;
  const Point* start_;
  Eigen::VectorXd at_, best_, last_, step_;  // steps of 0: not climbed
  bool has_converged_ = false;
  double best_score_ = -std::numeric_limits<double>::infinity();
};

std::vector<double> Acquisition::scores(const std::vector<Point>& points) const {
  if (points.empty()) return {};  // Eigen's products do not stand matrices without columns
  GaussianProcess::Points at(static_cast<Eigen::Index>(space_.size()),
                             static_cast<Eigen::Index>(points.size()));
  for (std::size_t k = 0; k < points.size(); ++k) {
    at.col(static_cast<Eigen::Index>(k)) = process_coordinates(space_, points[k]);
  }
  return scores(at, nullptr);
}

std::vector<double> Acquisition::scores(const GaussianProcess::Points& at,
                                        Eigen::MatrixXd* gradients) const {
  GaussianProcess::Gradients by;
  auto predicted =
      gradients == nullptr ? aim_.process->predict_all(at) : aim_.process->predict_all(at, &by);
  std::vector<double> scores;
  scores.reserve(predicted.size());
  if (gradients != nullptr) gradients->resize(at.rows(), at.cols());
  for (std::size_t k = 0; k < predicted.size(); ++k) {
    const double deviation = std::sqrt(predicted[k].variance);
    const LogImprovement log =
        log_improvement(predicted[k].mean, aim_.widening * deviation, aim_.best);
    scores.push_back(log.value);
    if (gradients == nullptr) continue;
    const auto column = static_cast<Eigen::Index>(k);
    const double by_variance = log.by_deviation * aim_.widening / (2 * deviation);
    gradients->col(column) =
        log.by_mean * by.mean.col(column) + by_variance * by.variance.col(column);
  }
  if (aim_.feasibility != nullptr && !aim_.feasibility->is_certain()) {
    weigh_by_feasibility(at, &scores, gradients);
  }
  return scores;
}

void Acquisition::weigh_by_feasibility(const GaussianProcess::Points& at,
                                       std::vector<double>* scores,
                                       Eigen::MatrixXd* gradients) const {
  Eigen::MatrixXd by;
  const auto logs = gradients == nullptr ? aim_.feasibility->log_probabilities(at)
                                         : aim_.feasibility->log_probabilities(at, &by);
  for (std::size_t k = 0; k < scores->size(); ++k) {
    // ln (e^score + e^kLogTrifle), and what of the score's slope is left.
    const double over = exp_exactly(std::min((*scores)[k] - kLogTrifle, kOverMax));
    (*scores)[k] = kLogTrifle + log_exactly(1 + over) + aim_.caution * logs[k];
    if (gradients == nullptr) continue;
    const auto column = static_cast<Eigen::Index>(k);
    gradients->col(column) =
        over / (1 + over) * gradients->col(column) + aim_.caution * by.col(column);
  }
}

void Acquisition::score(std::vector<Candidate>* candidates) const {
  std::vector<Point> points;
  points.reserve(candidates->size());
  for (const Candidate& each : *candidates) points.push_back(each.point);
  const std::vector<double> scored = scores(points);
  for (std::size_t k = 0; k < scored.size(); ++k) (*candidates)[k].score = scored[k];
  std::stable_sort(candidates->begin(), candidates->end(),
                   [](const auto& a, const auto& b) { return a.score > b.score; });
}

// Of each candidate's points the first that is better than all before.
void Acquisition::take_better(std::span<const std::size_t> owners, std::vector<Point> points,
                              std::span<Candidate> candidates) const {
  std::vector<std::size_t> kept;
  std::size_t count = 0;
  for (std::size_t k = 0; k < points.size(); ++k) {
    space_.settle(&points[k]);
    if (!space_.admits(points[k])) continue;
    kept.push_back(owners[k]);
    if (count != k) points[count] = std::move(points[k]);
    ++count;
  }
  points.resize(count);
  if (points.empty()) return;
  const std::vector<double> reached = scores(points);
  for (std::size_t k = 0; k < points.size(); ++k) {
    Candidate& owner = candidates[kept[k]];
    if (reached[k] > owner.score) owner = {reached[k], std::move(points[k])};
  }
}

void Acquisition::climb(std::span<Candidate> candidates, int steps) const {
  std::vector<Climber> climbers;
  climbers.reserve(candidates.size());
  for (const Candidate& each : candidates) climbers.emplace_back(space_, aim_.region, each.point);
  for (int step = 0; step < steps; ++step) {
    std::vector<Climber*> climbing;
    for (Climber& each : climbers) {
      if (!each.has_converged()) climbing.push_back(&each);
    }
    if (climbing.empty()) break;
    GaussianProcess::Points at(static_cast<Eigen::Index>(space_.size()),
                               static_cast<Eigen::Index>(climbing.size()));
    for (std::size_t k = 0; k < climbing.size(); ++k) {
      at.col(static_cast<Eigen::Index>(k)) = climbing[k]->at();
    }
    Eigen::MatrixXd gradients;
    const std::vector<double> reached = scores(at, &gradients);
    for (std::size_t k = 0; k < climbing.size(); ++k) {
      climbing[k]->move(reached[k], gradients.col(static_cast<Eigen::Index>(k)));
    }
  }
  std::vector<Point> points;
  std::vector<std::size_t> owners;
  for (std::size_t k = 0; k < climbers.size(); ++k) {
    points.push_back(climbers[k].reached());
    owners.push_back(k);
  }
  take_better(owners, std::move(points), candidates);
}

void Acquisition::step_through(std::span<Candidate> candidates) const {
  for (std::size_t j = 0; j < space_.size(); ++j) {
    const Domain& domain = space_.domain(j);
    if (!domain.is_finite() || domain.is_constant()) continue;
    std::vector<Point> points;
    std::vector<std::size_t> owners;
    for (std::size_t k = 0; k < candidates.size(); ++k) {
      const Point& now = candidates[k].point;
      if (!now[j].active) continue;
      for (const std::uint64_t index : beside(domain, now[j].index)) {
        const bool is_free = aim_.region == nullptr || domain.is_categorical();
        if (!is_free && !aim_.region->has(j, index)) continue;
        points.push_back(now);
        points.back()[j].index = index;
        owners.push_back(k);
      }
    }
    take_better(owners, std::move(points), candidates);
  }
}

void Acquisition::improve(std::span<Candidate> candidates, int steps) const {
  climb(candidates, steps);
  step_through(candidates);
  climb(candidates, steps);
}

}  // namespace scopa::search
