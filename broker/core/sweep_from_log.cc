#include "broker/core/sweep_from_log.h"

#include <string>
#include <variant>

#include "sdk/base/text.h"
#include "sdk/wire/points.h"

namespace scopa::core {

Result<std::unique_ptr<Sweep>> sweep_from_log(const SweepId& id, std::span<const Event> events,
                                              std::span<const PointsAppended> points,
                                              SpecLibrary* files) {
  const auto* created = events.empty() ? nullptr : std::get_if<SweepCreated>(&events[0].body);
  if (created == nullptr) {
    return Status{Code::kCorruption,
                  "the log of sweep " + printable(id) + " does not begin with it"};
  }
  SCOPA_ASSIGN_OR_RETURN(std::unique_ptr<Sweep> sweep,
                         Sweep::create(id, *created, events[0].at_us, files));
  for (const Event& event : events.subspan(1)) sweep->apply(event, files);
  for (const PointsAppended& each : points) {
    const auto view = wire::PointsView::parse(each.block);
    if (!view || sweep->find(each.attempt.trial) == nullptr) {
      return Status{Code::kCorruption,
                    "points " + std::to_string(each.seq) + " of sweep " + printable(id) +
                        (view ? " are of a trial that is not there" : " cannot be read")};
    }
    sweep->append(each.seq, each.attempt.trial, each.attempt.attempt, each.to, *view);
  }
  return sweep;
}

}  // namespace scopa::core
