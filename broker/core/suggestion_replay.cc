#include "broker/core/suggestion_replay.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "broker/core/model_feed.h"
#include "broker/core/sweep.h"
#include "broker/search/sampler.h"
#include "sdk/wire/points.h"

namespace scopa::core {
namespace {

/// Walks events and points in the order of their sequence numbers.
class History {
 public:
  History(std::unique_ptr<Sweep> sweep, const std::vector<Event>& events,
          const std::vector<PointsAppended>& points)
      : sweep_(std::move(sweep)), events_(events), points_(points) {}

  Status advance_to(std::uint64_t seq) {
    while (true) {
      const std::uint64_t next_event = event_ < events_.size() ? events_[event_].seq : UINT64_MAX;
      const std::uint64_t next_points = point_ < points_.size() ? points_[point_].seq : UINT64_MAX;
      if (std::min(next_event, next_points) > seq) return Status::ok();
      if (next_event < next_points) {
        const Event& event = events_[event_++];
        sweep_->apply(event);
        for (const auto& change : history_changes(*sweep_, event.body)) history_.apply(change);
      } else {
        const PointsAppended& each = points_[point_++];
        const auto view = wire::PointsView::parse(each.block);
        if (!view || sweep_->find(each.attempt.trial) == nullptr) {
          return {Code::kCorruption, "report " + std::to_string(each.seq) + " cannot be read"};
        }
        const auto appended =
            sweep_->append(each.attempt.trial, each.attempt.attempt, each.to, *view);
        for (const auto& change : history_changes(*sweep_, each.attempt.trial, appended)) {
          history_.apply(change);
        }
      }
    }
  }
  const search::History& get() const { return history_; }

 private:
  std::unique_ptr<Sweep> sweep_;
  const std::vector<Event>& events_;
  const std::vector<PointsAppended>& points_;
  std::size_t event_ = 0;
  std::size_t point_ = 0;
  search::History history_;
};

}  // namespace

Result<SuggestionReplay::Outcome> SuggestionReplay::run() {
  const auto by_seq = [](const auto& a, const auto& b) { return a.seq < b.seq; };
  std::sort(events_.begin(), events_.end(), by_seq);
  std::sort(points_.begin(), points_.end(), by_seq);
  const auto* created = events_.empty() ? nullptr : std::get_if<SweepCreated>(&events_[0].body);
  if (created == nullptr) {
    return Status{Code::kCorruption, "the log of sweep " + sweep_ + " does not begin with it"};
  }
  SCOPA_ASSIGN_OR_RETURN(std::unique_ptr<Sweep> sweep,
                         Sweep::create(sweep_, *created, events_[0].at_us));
  const auto sampler = search::make_sampler(*sweep->spec, sweep->seed);
  History history(std::move(sweep), events_, points_);
  Outcome outcome;
  for (const Event& event : events_) {
    const auto* trial = std::get_if<TrialCreated>(&event.body);
    if (trial == nullptr || trial->origin != static_cast<std::uint8_t>(Origin::kSampler)) continue;
    SCOPA_RETURN_IF_ERROR(history.advance_to(trial->snapshot));
    const auto params = sampler->suggest(history.get(), trial->suggestion);
    ++outcome.checked;
    if (!params || *params != trial->params) {
      outcome.mismatches.push_back(
          {trial->trial, trial->params, params ? to_json(*params) : "none"});
    }
  }
  return outcome;
}

}  // namespace scopa::core
