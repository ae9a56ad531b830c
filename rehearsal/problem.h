#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rehearsal/network.h"
#include "sdk/base/states.h"
#include "sdk/base/status.h"
#include "sdk/base/value.h"

namespace scopa::rehearsal {

/// Something to be searched that can be evaluated without training: a sweep file, and for each
/// configuration the curve and the time that a training would have had. Pure; const calls may come
/// from several threads.
class Problem {
 public:
  /// What one training reports.
  struct Run {
    std::vector<double> values;  ///< of the goal metric at the steps 1, 2 ... steps()
    double step_seconds = 1;     ///< of virtual time that one step takes
  };

  /// `description` is one entry of a list of problems (benchdata/README.md of the data that is
  /// measured with); `network` is needed for those that name one. Errors: kInvalidArgument.
  static Result<Problem> parse(std::string_view description,
                               std::shared_ptr<const Network> network);

  /// Without the noise that the problem may have. Errors: kInvalidArgument for a configuration that
  /// its function or network cannot take.
  Result<Run> run(const Params& params) const;
  /// The last of the run's values, at a small part of the cost of all.
  Result<double> final_value(const Params& params) const;
  /// What trial `number` of a run with `seed` observes instead of `value`.
  double observed(double value, std::uint64_t seed, std::uint64_t number) const;
  /// 0 for the optimum, 1 for a typical random configuration.
  double normalised_regret(double value) const { return (value - best_) / (median_ - best_); }
  double best() const { return best_; }
  double median() const { return median_; }

  const std::string& id() const { return id_; }
  const std::string& kind() const { return kind_; }
  /// The sweep file as JSON, and the conditions on its parameters as a JSON array (empty: none),
  /// both as `init` of ask-tell takes them.
  const std::string& config() const { return config_; }
  const std::string& conditions() const { return conditions_; }
  std::uint64_t steps() const { return steps_; }
  Goal goal() const { return goal_; }
  /// Mean time of a full training of a random configuration; 1 a step where there is no time.
  double mean_full_seconds() const { return mean_full_seconds_; }
  /// The name of the network that it needs; empty: none.
  const std::string& network_name() const { return network_name_; }

 private:
  Problem() = default;
  Result<double> function_value(const Params& params) const;
  Params input(const Params& params, std::uint64_t step) const;

  std::string id_, kind_, config_, conditions_, function_, metric_, network_name_, cost_output_;
  std::vector<std::string> names_;  // of the parameters of a function, in its order
  Params fixed_;
  std::string fidelity_;
  std::uint64_t steps_ = 1;
  Goal goal_ = Goal::kMinimize;
  double noise_ = 0, best_ = 0, median_ = 1, mean_full_seconds_ = 1;
  std::shared_ptr<const Network> network_;
};

/// The names of the networks that a list of problems, `{"problems":[...]}`, needs, and its entries
/// as texts for Problem::parse. Errors: kInvalidArgument.
struct ProblemList {
  std::vector<std::string> networks;
  std::vector<std::string> problems;
  std::vector<std::string> network_of;  ///< of each problem; empty: none
};
Result<ProblemList> parse_problems(std::string_view text);

}  // namespace scopa::rehearsal
