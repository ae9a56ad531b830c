#pragma once

#include <cstdint>

#include "broker/store/engine.h"
#include "sdk/base/status.h"

namespace scopa::store {

/// Bumped when the meaning of a key or value changes; docs/storage.md has the recipe.
inline constexpr std::uint64_t kSchemaVersion = 3;

/// Whether this build knows the engine's schema version. Writes it, the software and the time to
/// an engine that is empty, and migrates one of an older version (migrate.h), unless it is open for
/// reading only. Errors: those of migrate(); kUnsupported for a newer one (names both), kCorruption
/// for one that cannot be read, kNotFound for an empty engine that is open for reading only.
Status check_schema(Engine* engine, std::int64_t now_us);

}  // namespace scopa::store
