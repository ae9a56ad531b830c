#pragma once

#include <string>

#include "broker/store/store.h"
#include "sdk/base/status.h"
#include "sdk/wire/messages.h"

namespace scopa::server {

/// Copies the store to `folder` (absolute, not there yet or empty), verifies the copy, and says
/// what is in it. Of one that fails nothing is left. From any thread, beside commits, not beside
/// Store::recover(). Errors: those of Store::backup, kInvalidArgument, kCorruption.
Result<wire::BackedUp> make_backup(const store::Store& store, const std::string& folder);

}  // namespace scopa::server
