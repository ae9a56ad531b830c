#pragma once

#include <string_view>
#include <variant>

#include "broker/core/event.h"
#include "sdk/base/ids.h"
#include "sdk/base/status.h"

namespace scopa::store {

/// One entry of a sweep's log.
using LogItem = std::variant<core::Event, core::PointsAppended>;

/// Reads a key and its value as Store::read_log gives them, and as they travel in a `log` message
/// (docs/storage.md draws them). They may be a stranger's. Errors: kCorruption for what is no entry
/// of this sweep's log.
Result<LogItem> decode_log_item(const SweepId& sweep, std::string_view key, std::string_view value);

}  // namespace scopa::store
