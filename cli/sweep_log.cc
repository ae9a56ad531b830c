#include "cli/sweep_log.h"

#include <utility>

namespace scopa::cli {
namespace {

/// Pages without anything in them, one after the other: a broker at work may have some.
constexpr int kEmptyPagesMax = 10'000;

Status no_log(const SweepId& sweep, const std::string& problem) {
  return {Code::kCorruption, "what came is not the log of sweep " + sweep + ": " + problem,
          "are scopa and its broker of the same version?"};
}

}  // namespace

Status fetch_log(Link& link, const SweepId& sweep,
                 const std::function<Status(store::LogItem)>& take,
                 const std::function<void(std::size_t bytes)>& told) {
  wire::GetLog get;
  get.sweep = sweep;
  std::string last_key;
  std::size_t bytes = 0;
  for (int empty_pages = 0; empty_pages < kEmptyPagesMax; ++empty_pages) {
    SCOPA_ASSIGN_OR_RETURN(wire::LogReply page, ask<wire::LogReply>(link, get));
    if (page.sweep != sweep) return no_log(sweep, "it is another one's");
    if (page.keys.size() != page.values.size()) {
      return no_log(sweep, "keys and values do not match");
    }
    for (std::size_t i = 0; i < page.keys.size(); ++i) {
      const std::string& key = page.keys[i];
      // Events, whose keys are shorter, then reports, each in order: so it must end.
      const bool follows =
          key.size() > last_key.size() || (key.size() == last_key.size() && key > last_key);
      if (!follows) return no_log(sweep, "entries are not in order");
      last_key = key;
      bytes += key.size() + page.values[i].size();
      SCOPA_ASSIGN_OR_RETURN(store::LogItem item,
                             store::decode_log_item(sweep, key, page.values[i]));
      SCOPA_RETURN_IF_ERROR(take(std::move(item)));
    }
    if (told) told(bytes);
    if (page.cursor.empty()) return Status::ok();
    if (!page.keys.empty()) empty_pages = 0;
    get.cursor = std::move(page.cursor);
  }
  return no_log(sweep, "it does not end");
}

}  // namespace scopa::cli
