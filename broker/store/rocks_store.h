#pragma once

#include <rocksdb/write_batch.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "broker/store/lock_file.h"
#include "broker/store/rocks.h"
#include "broker/store/store.h"

namespace scopa::store {

/// The one implementation of Store; open.cc makes it.
class RocksStore final : public Store {
 public:
  RocksStore(std::optional<LockFile> lock, Database database, bool read_only,
             Durability durability);

  Status commit(std::span<const core::Event> events,
                std::span<const core::PointsAppended> points) override;
  Status each_event(const std::function<Status(const core::Event&)>& visit) const override;
  Status each_points(const std::function<Status(const StoredPoints&)>& visit) const override;
  Status read_points(const wire::AttemptRef& attempt, std::uint64_t offset, std::size_t bytes_max,
                     std::vector<std::string>* blocks, std::uint64_t* next_offset) const override;
  Result<std::uint64_t> progress(const wire::AttemptRef& attempt) const override;

 private:
  using IteratorPtr = std::unique_ptr<rocksdb::Iterator>;

  Status add_events(std::span<const core::Event> events);
  Status add_points(std::span<const core::PointsAppended> points);
  IteratorPtr iterate(Family family, bool whole) const;
  /// One iterator per sweep, each at its first event.
  Status open_logs(std::vector<IteratorPtr>* logs) const;

  std::optional<LockFile> lock_;  // released last
  Database database_;
  const bool read_only_;
  const Durability durability_;

  // Of the committing thread; kept for their room.
  rocksdb::WriteBatch batch_;
  std::string key_;
  std::string value_;
  std::unordered_set<std::string> seen_attempts_;

  mutable std::mutex mutex_;
  Status failure_;  // guarded by mutex_: the first failed commit
};

}  // namespace scopa::store
