#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>

#include "broker/spec/sweep_spec.h"
#include "sdk/base/value.h"

namespace scopa::search::testing {

/// Sweep files from a seed: valid ones with every distribution, nested groups, conditions of both
/// forms, derived parameters and constraints.
class SpecGenerator {
 public:
  explicit SpecGenerator(std::uint64_t seed) : random_(seed) {}

  /// `finite`: only distributions with few values, so that all configurations can be listed.
  std::string text(const std::string& method, bool finite);
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_() % n); }
  bool chance(std::size_t percent) { return below(100) < percent; }

  /// Drops, repeats or replaces lines, words, values or bytes.
  std::string mutated(std::string text);

 private:
  struct Known {
    std::string name;                 // dotted
    std::vector<std::string> values;  // as they stand in the file; listed ones only
    bool numeric = false;
    bool searched = true;
    double low = 0, high = 1;
  };

  void parameter(const std::string& indent, const std::string& group);
  std::string distribution(Known* known);
  std::string finite_distribution(Known* known);
  std::string range(Known* known, const std::string& kind, bool above_zero, bool quantised);
  std::string derived(const std::vector<Known>& earlier, Known* known);
  std::string when();
  std::string condition(const std::vector<Known>& known);
  std::string number_of(const Known& known);
  const Known* pick(const std::vector<Known>& known, bool numeric);

  std::mt19937_64 random_;
  bool finite_ = false;
  std::string out_;
  std::vector<Known> known_;
};

/// What is wrong with a configuration of the sweep, told from its values alone; empty when nothing:
/// a value outside its distribution, a parameter that should be there or should not, a derived
/// value that is not what comes out, a constraint that is violated.
std::string fault_of(const spec::SweepSpec& spec, const Params& params);

/// How many configurations the sweep has, by going through all combinations of values; nothing when
/// there are more than `combinations_max`, or no end of them.
std::optional<std::uint64_t> count_by_listing(const spec::SweepSpec& spec,
                                              std::uint64_t combinations_max);

}  // namespace scopa::search::testing
