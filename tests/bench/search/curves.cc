#include "tests/bench/search/curves.h"

#include <cmath>
#include <memory>
#include <numbers>

#include "broker/search/random.h"
#include "broker/search/space.h"
#include "rehearsal/synthetic.h"

namespace scopa::bench {
namespace {

constexpr std::uint64_t kSteps = 27;
constexpr std::uint64_t kMeanOf = 201;
constexpr double kUneven = 0.02;     // of the way that a curve comes down
constexpr double kLogDearest = 1.6;  // e^1.6 is 5

// Quantiles of a configuration's ordered parameters; .5 beyond the last, and where one is inactive.
class Quantiles {
 public:
  Quantiles(const search::Space& space, const Params& params) {
    const search::Point point = space.locate(params);
    for (std::size_t j = 0; j < space.size(); ++j) {
      if (space.domain(j).is_categorical() || space.domain(j).is_constant()) continue;
      all_.push_back(point[j].active ? search::quantile(space.domain(j), point[j]) : 0.5);
    }
  }
  double at(std::size_t k) const { return k < all_.size() ? all_[k] : 0.5; }
  double last() const { return all_.empty() ? 0.5 : all_.back(); }
  std::uint64_t hash() const {
    double sum = 0;
    for (std::size_t k = 0; k < all_.size(); ++k) sum += all_[k] * static_cast<double>(k + 1);
    return static_cast<std::uint64_t>(sum * 0x1p40);
  }

 private:
  std::vector<double> all_;
};

double seconds_of(const std::string& base, const Quantiles& at) {
  const double sign = search::hash_name("dear " + base) % 2 == 0 ? 1 : -1;
  return std::exp(sign * kLogDearest * (2 * at.last() - 1)) / kSteps;
}

rehearsal::Problem::Run curve_to(double end, double way, const Quantiles& at) {
  const double soon = 0.5 + 0.5 * std::sin(2 * std::numbers::pi * (at.at(0) + at.at(1)));
  const double power = 0.3 + 1.2 * soon;
  const auto down = [power](double step) { return std::pow(step / kSteps, -power) - 1; };
  rehearsal::Problem::Run run;
  for (std::uint64_t step = 1; step <= kSteps; ++step) {
    const double left = down(static_cast<double>(step)) / down(1);
    const double noise = step == kSteps ? 0 : kUneven * rehearsal::noise_of(at.hash(), step);
    run.values.push_back(end + way * (left + noise));
  }
  return run;
}

}  // namespace

Result<Problem> with_curve(Problem problem) {
  SCOPA_ASSIGN_OR_RETURN(const auto space, space_of(problem));
  problem.id += "+curve";
  problem.steps = kSteps;
  problem.only_in_time = true;
  problem.curve = [space, exact = problem.exact, base = problem.base,
                   way = problem.median -
                         problem.best](const Params& params) -> Result<rehearsal::Problem::Run> {
    SCOPA_ASSIGN_OR_RETURN(const double end, exact(params));
    const Quantiles at(*space, params);
    auto run = curve_to(end, way, at);
    run.step_seconds = seconds_of(base, at);
    return run;
  };
  double sum = 0;
  for (std::uint64_t k = 0; k < kMeanOf; ++k) {
    const Quantiles at(*space, space->params(space->draw(1, k, 0)));
    sum += seconds_of(problem.base, at) * kSteps;
  }
  problem.mean_full_seconds = sum / kMeanOf;
  return problem;
}

}  // namespace scopa::bench
