#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "broker/store/engine.h"
#include "broker/store/store.h"

namespace scopa::store {

/// The Store over any engine: what keys and values hold. Of the product's there is Store::open;
/// simulations make it over an engine of their own:
///
///     auto store = LogStore::open(std::make_unique<MemoryEngine>(disk), Durability::kPower, 0);
class LogStore final : public Store {
 public:
  /// Checks the schema version, and writes it to an engine without any. `now_us` is the time of
  /// creation. Errors: those of Store::open that are about what is stored.
  static Result<std::unique_ptr<Store>> open(std::unique_ptr<Engine> engine, Durability durability,
                                             std::int64_t now_us);

  Status commit(std::span<const core::Event> events,
                std::span<const core::PointsAppended> points) override;
  Status recover() override;
  Status look() const override;
  Status probe() const override;
  Status backup(const std::string& folder) const override;
  Status compact(const SweepId& sweep, std::atomic<bool>& cancelled) const override;
  Status each_event(const std::function<Status(const core::Event&)>& visit) const override;
  Status each_points(const std::function<Status(const StoredPoints&)>& visit) const override;
  Status read_points(const wire::AttemptRef& attempt, std::uint64_t offset, std::size_t bytes_max,
                     std::vector<std::string>* blocks, std::uint64_t* next_offset) const override;
  Status read_log(const SweepId& sweep, std::string_view cursor, std::size_t bytes_max,
                  LogPage* page) const override;
  Result<std::uint64_t> progress(const wire::AttemptRef& attempt) const override;

 private:
  using CursorPtr = std::unique_ptr<Cursor>;

  LogStore(std::unique_ptr<Engine> engine, Durability durability);
  Status add_events(std::span<const core::Event> events);
  Status add_points(std::span<const core::PointsAppended> points);
  Status remove_for(std::span<const core::Event> events);
  /// One cursor per sweep, each at its first event.
  Status open_logs(std::vector<CursorPtr>* logs) const;

  const std::unique_ptr<Engine> engine_;
  const Durability durability_;

  // Of the committing thread; kept for their room.
  const std::unique_ptr<Batch> batch_;  // before the engine goes
  std::string key_;
  std::string value_;
  std::unordered_set<std::string> seen_attempts_;
};

}  // namespace scopa::store
