#include "broker/server/rebuild.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sdk/base/limits.h"
#include "sdk/wire/points.h"

namespace scopa::server {
namespace {

/// Points that count, and those that came late, are never on one page: reports begin and end there.
Status read_up_to(const store::Store& store, const wire::AttemptRef& attempt, std::uint64_t offset,
                  std::uint64_t up_to, wire::PointsReply* reply) {
  std::size_t bytes = 0;
  std::vector<std::string> block;
  do {
    block.clear();
    SCOPA_RETURN_IF_ERROR(store.read_points(attempt, offset, 1, &block, &reply->next_offset));
    for (std::string& each : block) {
      bytes += each.size();
      reply->blocks.push_back(std::move(each));
    }
    offset = reply->next_offset;
  } while (offset != 0 && offset < up_to && bytes < limits::kPointsPageBytes);
  return Status::ok();
}

Result<wire::PointsReply> read_page(const core::Core& core, const store::Store& store,
                                    const wire::GetPoints& query) {
  SCOPA_ASSIGN_OR_RETURN(const SweepId sweep, core.find_sweep(query.sweep));
  SCOPA_ASSIGN_OR_RETURN(const core::CountedPoints counted,
                         core.counted_points(sweep, TrialNumber{query.trial}, query.attempt));
  wire::PointsReply reply;
  reply.request = query.request;
  reply.attempt = counted.attempt;
  if (reply.attempt == 0) return reply;
  const bool counts = query.offset < counted.up_to;
  reply.step_max = counts ? counted.step_max : INT64_MIN;
  reply.next_attempt = counted.next_attempt;
  const wire::AttemptRef attempt{sweep, query.trial, reply.attempt};
  if (counts && counted.up_to != UINT64_MAX) {
    SCOPA_RETURN_IF_ERROR(read_up_to(store, attempt, query.offset, counted.up_to, &reply));
  } else {
    SCOPA_RETURN_IF_ERROR(store.read_points(attempt, query.offset, limits::kPointsPageBytes,
                                            &reply.blocks, &reply.next_offset));
  }
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
