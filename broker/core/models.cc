#include "broker/core/models.h"

#include <variant>

namespace scopa::core {

std::optional<Suggested> Models::perform(const ModelTask& task) {
  if (const auto* opened = std::get_if<ModelOpened>(&task)) {
    Model& model = models_[opened->sweep];
    model = Model{};
    model.spec = opened->spec;
    model.sampler = search::make_sampler(*model.spec, opened->seed);
  } else if (const auto* changed = std::get_if<ModelChanged>(&task)) {
    if (const auto model = models_.find(changed->sweep); model != models_.end()) {
      model->second.history.apply(changed->change);
    }
  } else if (const auto* closed = std::get_if<ModelClosed>(&task)) {
    models_.erase(closed->sweep);
  } else if (const auto* wanted = std::get_if<ModelWanted>(&task)) {
    return Suggested{wanted->sweep, wanted->suggestion, wanted->snapshot,
                     propose(wanted->sweep, wanted->suggestion), Computed::kWhenWanted};
  }
  return std::nullopt;
}

std::optional<Params> Models::propose(const SweepId& sweep, std::uint64_t suggestion) {
  const auto model = models_.find(sweep);
  if (model == models_.end()) return std::nullopt;
  return model->second.sampler->suggest(model->second.history, suggestion);
}

}  // namespace scopa::core
