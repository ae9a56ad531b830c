#include "broker/server/log_pages.h"

#include <string>
#include <string_view>
#include <utility>

#include "broker/server/rebuild.h"
#include "broker/store/keys.h"
#include "sdk/base/limits.h"

namespace scopa::server {
namespace {

// A cursor is the bound of the whole log, then the store's own.
constexpr std::size_t kBoundBytes = 8;

std::uint64_t seq_of(std::string_view key, std::string_view value) {
  if (const auto event = store::parse_event_key(key)) return event->seq;
  const auto report = store::parse_series_header(value);
  return report ? report->seq : 0;  // whoever reads it will see that it is none
}

Result<wire::LogReply> read_page(const core::Core& core, const store::Store& store,
                                 const wire::GetLog& query, std::uint64_t last_seq) {
  wire::LogReply reply;
  reply.request = query.request;
  SCOPA_ASSIGN_OR_RETURN(reply.sweep, core.find_sweep(query.sweep));
  std::string_view place = query.cursor;
  if (!place.empty()) {
    if (place.size() <= kBoundBytes) {
      return Status{Code::kInvalidArgument, "this is no cursor into the log of a sweep",
                    "use that of the page before, or none"};
    }
    last_seq = store::load_u64(place.data());
    place.remove_prefix(kBoundBytes);
  }
  store::Store::LogPage page;
  SCOPA_RETURN_IF_ERROR(store.read_log(reply.sweep, place, limits::kLogPageBytes, &page));
  for (std::size_t i = 0; i < page.keys.size(); ++i) {
    if (seq_of(page.keys[i], page.values[i]) > last_seq) continue;
    reply.keys.push_back(std::move(page.keys[i]));
    reply.values.push_back(std::move(page.values[i]));
  }
  if (page.cursor.empty()) return reply;
  store::append_u64(last_seq, &reply.cursor);
  reply.cursor += page.cursor;
  return reply;
}

}  // namespace

wire::Message answer_log(const core::Core& core, const store::Store& store,
                         const wire::GetLog& query, std::uint64_t last_seq) {
  auto page = read_page(core, store, query, last_seq);
  if (!page) return error_reply(query.request, page.status());
  return std::move(*page);
}

}  // namespace scopa::server
