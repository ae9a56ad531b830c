#include "broker/server/rebuild.h"

#include <utility>

#include "sdk/base/limits.h"
#include "sdk/wire/points.h"

namespace scopa::server {
namespace {

Result<wire::PointsReply> read_page(const core::Core& core, const store::Store& store,
                                    const wire::GetPoints& query) {
  SCOPA_ASSIGN_OR_RETURN(const SweepId sweep, core.find_sweep(query.sweep));
  SCOPA_ASSIGN_OR_RETURN(wire::AttemptRef attempt,
                         core.latest_attempt(sweep, TrialNumber{query.trial}));
  if (query.attempt > attempt.attempt) {
    return Status{Code::kNotFound, "trial " + sweep + "/" + std::to_string(query.trial) +
                                       " has no attempt " + std::to_string(query.attempt)};
  }
  if (query.attempt > 0) attempt.attempt = query.attempt;
  wire::PointsReply reply;
  reply.request = query.request;
  reply.attempt = attempt.attempt;
  SCOPA_RETURN_IF_ERROR(store.read_points(attempt, query.offset, limits::kPointsPageBytes,
                                          &reply.blocks, &reply.next_offset));
  return reply;
}

}  // namespace

Status rebuild(const store::Store& store, core::Core* core) {
  SCOPA_RETURN_IF_ERROR(
      store.each_event([core](const core::Event& event) { return core->replay(event); }));
  return store.each_points([core](const store::Store::StoredPoints& points) {
    const auto view = wire::PointsView::parse(points.block);
    if (!view) {
      return Status{Code::kCorruption, "stored points " + std::to_string(points.seq) + " of " +
                                           points.attempt.sweep + "/" +
                                           std::to_string(points.attempt.trial) + ": " +
                                           view.status().message()};
    }
    return core->replay_points(points.attempt, points.seq, points.from, points.to, *view);
  });
}

wire::Message answer_points(const core::Core& core, const store::Store& store,
                            const wire::GetPoints& query) {
  auto page = read_page(core, store, query);
  if (!page) return error_reply(query.request, page.status());
  return std::move(*page);
}

wire::Error error_reply(std::uint64_t request, const Status& status) {
  return {request, static_cast<std::int32_t>(status.code()), status.message(), status.help()};
}

}  // namespace scopa::server
