#include "broker/server/stored_log.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "broker/store/log_item.h"
#include "sdk/base/limits.h"

namespace scopa::server {

Result<StoredLog> read_stored_log(const store::Store& store, const SweepId& sweep) {
  StoredLog log;
  log.sweep = sweep;
  store::Store::LogPage page;
  do {
    const std::string cursor = std::exchange(page, {}).cursor;
    SCOPA_RETURN_IF_ERROR(store.read_log(sweep, cursor, limits::kLogPageBytes, &page));
    for (std::size_t i = 0; i < page.keys.size(); ++i) {
      SCOPA_ASSIGN_OR_RETURN(store::LogItem item,
                             store::decode_log_item(sweep, page.keys[i], page.values[i]));
      if (auto* event = std::get_if<core::Event>(&item)) {
        log.events.push_back(std::move(*event));
      } else {
        log.points.push_back(std::move(std::get<core::PointsAppended>(item)));
      }
    }
  } while (!page.cursor.empty());
  std::sort(log.points.begin(), log.points.end(),
            [](const auto& a, const auto& b) { return a.seq < b.seq; });
  return log;
}

}  // namespace scopa::server
