#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "broker/core/core.h"
#include "broker/store/store.h"
#include "tests/simulation/ledger.h"
#include "tests/simulation/world.h"

namespace scopa::sim {

/// The record outside: what the broker committed and what it told anyone. It knows that every word
/// said must rest on something committed, and that what was committed must still be there when the
/// store is opened again.
class Auditor {
 public:
  Auditor(World* world, Ledger::JournalsOf journals_of);

  /// A round was handed to the store; whether it is written is not known yet.
  void submitted(const std::vector<core::Event>& events,
                 const std::vector<core::PointsAppended>& points);
  /// The store said that the first one that is pending is durable.
  void committed();
  /// `message` leaves the broker for a worker (by its id) or a client ("").
  void said(const std::string& worker, const wire::Message& message);
  /// The store as the broker finds it. `may_have_lost`: power went while commits were not synced.
  void reopened(const store::Store& store, bool may_have_lost);

  const Ledger& ledger() const { return *ledger_; }
  Ledger& ledger() { return *ledger_; }
  std::uint64_t commits() const { return boundaries_.size(); }

 private:
  /// An event or a block, in the one order of both.
  struct Item {
    std::uint64_t digest = 0;
    core::Event event;            // when is_event
    core::PointsAppended points;  // else
    bool is_event = false;
  };
  using Items = std::map<std::uint64_t, Item>;  // by seq
  static bool is_removed_by(const core::Event& removal, std::uint64_t seq, const Item& item);

  static Item item_of(const core::Event& event);
  static Item item_of(const core::PointsAppended& points);
  Items read(const store::Store& store) const;
  void apply(const Items& items);
  void roll_back(const Items& stored);
  void missing(const std::string& what) { world_->violate("promise", what); }
  void check_said(const std::string& worker, const wire::Ack& m);
  void check_said(const std::string& worker, const wire::Assign& m);
  void check_said(const std::string& worker, const wire::Released& m);
  void check_said(const std::string& worker, const wire::Stop& m);
  void check_said(const std::string& worker, const wire::NoWork& m);
  void check_said(const std::string& worker, const wire::Created& m);
  void check_said(const std::string& worker, const wire::Enqueued& m);
  void check_said(const std::string& worker, const wire::Done& m);
  void check_said(const std::string& worker, const wire::Retried& m);
  void check_said(const std::string& worker, const wire::Removed& m);
  void check_said(const std::string& worker, const wire::CheckpointKept& m);
  void check_said(const std::string& worker, const wire::Adopted& m);

  World* world_;
  Ledger::JournalsOf journals_of_;
  std::unique_ptr<Ledger> ledger_;
  /// What is committed and has not been removed since.
  struct Kept {
    std::uint64_t digest = 0;
    std::string sweep;        // of points,
    std::uint64_t trial = 0;  // and their trial
  };
  void forget_removed(const core::Event& event);
  void forget_removed_by_pending(const Items& stored);

  std::map<std::uint64_t, Kept> kept_;     // by seq
  std::vector<std::uint64_t> boundaries_;  // the last seq of each commit
  std::deque<Items> pending_;
};

}  // namespace scopa::sim
