#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sdk/base/value.h"
#include "tests/bench/search/real/data.h"

namespace scopa::bench {

/// A configuration, as trainings read it.
class Config {
 public:
  explicit Config(const Params& params) : params_(params) {}
  bool has(const std::string& name) const { return find_param(params_, name) != nullptr; }
  /// 0 for what is absent or no number: trainings ask for what is active.
  double number(const std::string& name) const;
  std::size_t count(const std::string& name) const {
    return static_cast<std::size_t>(number(name));
  }
  std::string text(const std::string& name) const;
  bool is(const std::string& name, const std::string& value) const { return text(name) == value; }

 private:
  const Params& params_;
};

/// What came of one training.
struct Trained {
  std::vector<double> curve;  ///< a value for each step; the last is the training's
  double step_seconds = 1;    ///< of virtual time, by a formula of the configuration
  bool failed = false;        ///< then the curve ends before the last step
};

/// Something that is trained each time it is asked for: a matter of milliseconds, one thread. A
/// value type; what it holds may be called from several threads at once.
struct Trainer {
  std::string name;
  nlohmann::ordered_json parameters;  ///< of the sweep file
  nlohmann::ordered_json conditions;  ///< as `init` of ask-tell takes them; null: none
  std::uint64_t steps = 1;
  /// 1: the seed changes nothing. Else trainings with this many seeds are behind a value that is
  /// called exact.
  std::uint64_t seeds = 1;
  /// Of what is to be minimised. Pure.
  std::function<Trained(const Config&, std::uint64_t seed)> train;
};

// One function for each file. The data sets are shared, not copied.
using Data = std::shared_ptr<const DataSets>;
std::vector<Trainer> vector_machines(const Data& data);
std::vector<Trainer> boosted_trees(const Data& data);
std::vector<Trainer> networks(const Data& data);
std::vector<Trainer> linear_models(const Data& data);
std::vector<Trainer> text_classifiers();
std::vector<Trainer> neighbours(const Data& data);
std::vector<Trainer> fourier_features(const Data& data);
std::vector<Trainer> forests(const Data& data);

// How `parameters` and `conditions` are written.
nlohmann::ordered_json real_range(double min, double max);
nlohmann::ordered_json log_range(double min, double max);
nlohmann::ordered_json int_range(int min, int max);
nlohmann::ordered_json log_int_range(int min, int max);
nlohmann::ordered_json one_of(std::vector<nlohmann::ordered_json> values);
nlohmann::ordered_json active_if(const std::string& param, const std::string& parent,
                                 std::vector<nlohmann::ordered_json> values);

}  // namespace scopa::bench
