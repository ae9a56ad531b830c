#include "broker/store/log_item.h"

#include <string>
#include <utility>

#include "broker/store/keys.h"
#include "sdk/base/text.h"

namespace scopa::store {
namespace {

Status corrupt_log(const SweepId& sweep, std::string_view key, const std::string& problem) {
  return {Code::kCorruption,
          "the log of sweep " + printable(sweep, 64) + ", key " + hex(key) + ": " + problem};
}

}  // namespace

Result<LogItem> decode_log_item(const SweepId& sweep, std::string_view key,
                                std::string_view value) {
  if (const auto event = parse_event_key(key)) {
    if (event->sweep != sweep) return corrupt_log(sweep, key, "of another sweep");
    SCOPA_ASSIGN_OR_RETURN(core::Event read, core::decode_event(sweep, event->seq, value));
    return LogItem(std::move(read));
  }
  const auto report = parse_series_key(key);
  const auto header = parse_series_header(value);
  if (!report || !header) return corrupt_log(sweep, key, "a wrong length");
  if (report->attempt.sweep != sweep) return corrupt_log(sweep, key, "of another sweep");
  return LogItem(core::PointsAppended{header->seq, report->attempt, report->from, header->to,
                                      std::string(value.substr(kSeriesHeaderBytes))});
}

}  // namespace scopa::store
