#pragma once

#include <cstdint>
#include <string>

#include "broker/store/engine.h"
#include "sdk/base/status.h"

/// Copies of a store. A backup is a folder like the broker's own, with `store/` in it and nothing
/// else, so whatever reads a store reads a backup.
namespace scopa::store {

/// What Store::backup() does.
Status copy_store(const Engine& engine, const std::string& folder);

/// Copies the backup `from` into the folder `to`, in which there is no store yet (and which may not
/// be there at all), file by file, and syncs it. Of a copy that fails nothing is left. The backup
/// itself is only read. Errors: kNotFound, kConflict, kResource.
Status restore_store(const std::string& from, const std::string& to);

/// Of all files below `folder`.
std::uint64_t bytes_in(const std::string& folder);

}  // namespace scopa::store
