#include "broker/search/sampler.h"

#include "broker/search/gp_sampler.h"
#include "broker/search/grid_sampler.h"
#include "broker/search/random_sampler.h"
#include "broker/search/tpe_sampler.h"

namespace scopa::search {
namespace {

Why::Seen count(const History& history) {
  Why::Seen seen;
  for (std::size_t i = 0; i < history.trials().size(); ++i) {
    if (history.digests()[i] == 0) continue;  // a replicate: a gap in the history
    switch (history.trials()[i].state) {
      case TrialState::kQueued:
        ++seen.queued;
        break;
      case TrialState::kRunning:
        ++seen.running;
        break;
      case TrialState::kCompleted:
        ++seen.completed;
        break;
      case TrialState::kPruned:
        ++seen.pruned;
        break;
      case TrialState::kFailed:
        ++seen.failed;
        break;
      case TrialState::kCancelled:
        ++seen.cancelled;
        break;
      case TrialState::kDiverged:
        ++seen.diverged;
        break;
    }
  }
  return seen;
}

}  // namespace

std::optional<Params> Sampler::explain(const History& history, std::uint64_t number, Why* why) {
  *why = {};
  why->number = number;
  why->seen = count(history);
  return propose(history, number, why);
}

std::string_view name_of(Why::How how) {
  switch (how) {
    case Why::How::kDrawn:
      return "drawn";
    case Why::How::kGrid:
      return "grid";
    case Why::How::kStratified:
      return "start-up";
    case Why::How::kModel:
      break;
  }
  return "model";
}

std::string_view name_of(Why::As as) {
  switch (as) {
    case Why::As::kObserved:
      return "observed";
    case Why::As::kFailed:
      return "failed";
    case Why::As::kPending:
      break;
  }
  return "pending";
}

bool models_by_process(const spec::SweepSpec& spec) {
  if (spec.bayes_model != spec::BayesModel::kAuto) {
    return spec.bayes_model == spec::BayesModel::kGp;
  }
  return Space(spec).searched() <= kProcessParametersMax;
}

std::uint64_t startup_trials(const spec::SweepSpec& spec) {
  return models_by_process(spec) ? GpSampler::startup(spec) : TpeSampler::startup(spec);
}

std::unique_ptr<Sampler> make_sampler(const spec::SweepSpec& spec, std::uint64_t seed) {
  switch (spec.method) {
    case spec::Method::kGrid:
      return std::make_unique<GridSampler>(spec);
    case spec::Method::kBayes:
      if (models_by_process(spec)) {
        return std::make_unique<GpSampler>(spec, seed);
      }
      return std::make_unique<TpeSampler>(spec, seed);
    case spec::Method::kRandom:
      break;
  }
  return std::make_unique<RandomSampler>(spec, seed);
}

std::optional<std::uint64_t> space_size(const spec::SweepSpec& spec) {
  const bool grid = spec.method == spec::Method::kGrid;
  return Space(spec, grid ? Domain::Use::kGrid : Domain::Use::kSampling).count();
}

}  // namespace scopa::search
