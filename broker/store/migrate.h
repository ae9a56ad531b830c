#pragma once

#include <cstdint>
#include <span>

#include "broker/store/engine.h"
#include "sdk/base/status.h"

namespace scopa::store {

/// The keys of the family `meta`.
inline constexpr const char* kSchemaKey = "schema";
inline constexpr const char* kSoftwareKey = "software";
inline constexpr const char* kCreatedKey = "created_us";

/// How a store of schema version `from` becomes one of version `from` + 1.
struct Migration {
  std::uint64_t from = 0;
  /// Whether the code that reads version `from` + 1 reads `from`, too, so that a store that is open
  /// for reading only needs no migration.
  bool is_readable = false;
  /// Writes the new form: what fits one batch into `last`, which is written together with the new
  /// version; more than that in batches of its own before, each such that the whole can begin anew
  /// after a crash behind any of them. Null: nothing changes its form.
  Status (*rewrite)(Engine& engine, Batch& last) = nullptr;
};

/// All there are, the oldest first.
std::span<const Migration> migrations();

/// Brings a store of version `from` to `to`, step by step. After a failure, or a crash at any
/// moment, it is of one of the versions between and can be migrated further. Errors: kUnsupported
/// where a step is missing, or for an engine open for reading only that a step makes unreadable;
/// those of the engine.
Status migrate(Engine* engine, std::uint64_t from, std::uint64_t to,
               std::span<const Migration> steps);

}  // namespace scopa::store
