#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "broker/lint/remarks.h"
#include "broker/lint/words.h"
#include "broker/search/space.h"
#include "broker/spec/sweep_spec.h"

namespace scopa::lint {

/// What the rules want to know of a sweep, found once.
struct Facts {
  /// Without `counted` neither size, dimensions nor trials: counting can take a while.
  explicit Facts(const spec::SweepSpec& spec, bool counted = true);

  const spec::SweepSpec& spec;
  search::Space space;                ///< as the sweep's method goes through it
  std::vector<Meaning> meaning;       ///< of each parameter
  std::vector<std::size_t> searched;  ///< parameters with more than one value
  std::size_t dimensions = 0;         ///< of them at a time, on average, where some are conditional
  std::optional<std::uint64_t> size;  ///< of the space; nothing when there is no end
  std::optional<std::uint64_t>
      trials;  ///< that will be tried at most; nothing when there is no end

  const std::string& name(std::size_t i) const { return spec.parameters[i].name; }
  const spec::Distribution& distribution(std::size_t i) const {
    return spec.parameters[i].distribution;
  }
  /// "parameters.optimizer.parameters.lr", and with a key of it.
  std::string path(std::size_t i) const;
  std::string path(std::size_t i, const std::string& key) const;
  /// The last part of a name: how the parameter stands in the file.
  const std::string& key(std::size_t i) const { return spec.parameters[i].path.back(); }
  /// How the file calls the list of values: "values" or "value".
  std::string values_path(std::size_t i, const Remarks& remarks) const;
};

/// The families of rules.
void check_ranges(const Facts& facts, Remarks* remarks);
void check_values(const Facts& facts, Remarks* remarks);
void check_budget(const Facts& facts, Remarks* remarks);
void check_pruning(const Facts& facts, Remarks* remarks);
void check_metric(const Facts& facts, Remarks* remarks);
void check_spelling(const Facts& facts, Remarks* remarks);
void check_command(const Facts& facts, Remarks* remarks);

}  // namespace scopa::lint
