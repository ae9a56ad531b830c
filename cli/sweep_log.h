#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "broker/store/log_item.h"
#include "cli/connect.h"

namespace scopa::cli {

/// The stored log of one sweep, as of one moment, page by page: from a broker or a store folder.
/// `take` gets each event and each report; `told` (may be empty) the bytes so far, after each page.
///
/// What comes is not trusted: what is no log, or has no end, is an error (kCorruption), and so is
/// what `take` returns.
Status fetch_log(Link& link, const SweepId& sweep,
                 const std::function<Status(store::LogItem)>& take,
                 const std::function<void(std::size_t bytes)>& told);

}  // namespace scopa::cli
