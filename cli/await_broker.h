#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "cli/connect.h"
#include "cli/context.h"
#include "sdk/base/status.h"

namespace scopa::cli {

/// What `--wait` says: "10m", "90s", "0" not to wait; empty: session::patience_for_broker().
/// Errors: kInvalidArgument.
Result<std::chrono::microseconds> patience_of(const std::string& wait);

/// connect_broker(), again and again while none answers, for `patience`. Within two seconds a
/// person is told that it waits, and later that it need not any more. Errors: those of
/// connect_broker; kUnavailable when the time is over.
Result<std::unique_ptr<Link>> await_broker(const Context& context,
                                           std::chrono::microseconds patience);

}  // namespace scopa::cli
