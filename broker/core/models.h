#pragma once

#include <memory>
#include <optional>
#include <unordered_map>

#include "broker/core/core.h"
#include "broker/search/sampler.h"

namespace scopa::core {

/// The samplers of all sweeps and what each knows. The same tasks in the same order give the same
/// answers. Not thread-safe.
///
///     for (const ModelTask& task : turn.model) {
///       if (auto suggested = models.perform(task)) core.suggested(*suggested, now, &next_turn);
///     }
class Models {
 public:
  /// The next of the tasks that Turn::model lists. A ModelWanted has an answer, for
  /// Core::suggested.
  std::optional<Suggested> perform(const ModelTask& task);
  /// What a ModelWanted for this suggestion would be answered with now. None for a sweep that is
  /// not open.
  std::optional<Params> propose(const SweepId& sweep, std::uint64_t suggestion);

 private:
  struct Model {
    std::shared_ptr<const spec::SweepSpec> spec;
    std::unique_ptr<search::Sampler> sampler;
    search::History history;
  };

  std::unordered_map<SweepId, Model> models_;
};

}  // namespace scopa::core
