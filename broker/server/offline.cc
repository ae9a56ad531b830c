#include <atomic>
#include <chrono>
#include <set>
#include <utility>
#include <variant>

#include "broker/core/core.h"
#include "broker/server/broker.h"
#include "broker/server/log_pages.h"
#include "broker/server/make_backup.h"
#include "broker/server/rebuild.h"
#include "broker/server/stored_log.h"
#include "broker/server/wall_clock.h"
#include "broker/store/store.h"

namespace scopa::server {
namespace {

constexpr core::ClientId kUs{1};

class StoreOffline final : public Offline {
 public:
  StoreOffline(std::unique_ptr<store::Store> store, bool read_only)
      : store_(std::move(store)), read_only_(read_only) {}

  Status start() {
    SCOPA_RETURN_IF_ERROR(rebuild(*store_, &core_));
    core::Turn turn;
    core_.start(wall_clock(), &turn);
    wire::Hello hello;
    hello.role = "client";
    core_.receive(kUs, std::move(hello), wall_clock(), &turn);
    return Status::ok();
  }

  Result<wire::Message> request(const wire::Message& message) override {
    if (!failure_) return failure_;
    if (const auto* query = std::get_if<wire::GetPoints>(&message)) {
      return unwrapped(answer_points(core_, *store_, *query));
    }
    if (const auto* query = std::get_if<wire::GetLog>(&message)) {
      return unwrapped(answer_log(core_, *store_, *query, core_.last_seq()));
    }
    if (const auto* backup = std::get_if<wire::Backup>(&message)) {
      SCOPA_ASSIGN_OR_RETURN(wire::BackedUp made, make_backup(*store_, backup->folder));
      return wire::Message(std::move(made));
    }
    core::Turn turn;
    core_.receive(kUs, message, wall_clock(), &turn);
    if (turn.must_commit()) {
      // From here on the core is ahead of what is written, unless the commit succeeds.
      failure_ = read_only_ ? Status(Code::kInvalidArgument, "the store is open for reading only")
                            : store_->commit(turn.events, turn.points);
      if (!failure_) return failure_;
    }
    give_back(turn.events);
    for (const SweepId& sweep : turn.reread) {
      failure_ = reread(sweep);
      if (!failure_) return failure_;
    }
    for (core::Outgoing& words : turn.outgoing) {
      if (words.to == kUs) return unwrapped(std::move(words.message));
    }
    return Status{Code::kInvalidArgument, "this request has no answer without a broker"};
  }

 private:
  Status reread(const SweepId& sweep) {
    SCOPA_ASSIGN_OR_RETURN(const StoredLog log, read_stored_log(*store_, sweep));
    core::Turn turn;
    SCOPA_RETURN_IF_ERROR(core_.reread(sweep, log.events, log.points, wall_clock(), &turn));
    return turn.must_commit() ? store_->commit(turn.events, turn.points) : Status::ok();
  }

  /// What cannot be given back now is when RocksDB rewrites these files for reasons of its own.
  void give_back(const std::vector<core::Event>& events) const {
    std::set<SweepId> sweeps;
    for (const core::Event& event : events) {
      if (core::removes(event.body)) sweeps.insert(event.sweep);
    }
    std::atomic<bool> cancelled{false};
    for (const SweepId& sweep : sweeps) (void)store_->compact(sweep, cancelled);
  }

  static Result<wire::Message> unwrapped(wire::Message message) {
    if (const auto* error = std::get_if<wire::Error>(&message)) return error->status();
    return message;
  }

  std::unique_ptr<store::Store> store_;
  const bool read_only_;
  core::Core core_{core::Options{.broker_id = "offline"}};
  Status failure_;
};

}  // namespace

Result<std::unique_ptr<Offline>> Offline::open(const std::string& folder, store::OpenMode mode) {
  SCOPA_ASSIGN_OR_RETURN(std::unique_ptr<store::Store> store, store::Store::open(folder, mode));
  auto offline =
      std::make_unique<StoreOffline>(std::move(store), mode == store::OpenMode::kReadOnly);
  SCOPA_RETURN_IF_ERROR(offline->start());
  return std::unique_ptr<Offline>(std::move(offline));
}

}  // namespace scopa::server
