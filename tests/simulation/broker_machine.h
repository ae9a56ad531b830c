#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/core/core.h"
#include "broker/search/history.h"
#include "broker/search/sampler.h"
#include "broker/server/acks.h"
#include "broker/server/clients.h"
#include "broker/server/round.h"
#include "tests/simulation/auditor.h"
#include "tests/simulation/network.h"
#include "tests/simulation/world.h"
#include "tests/support/memory_engine.h"

namespace scopa::sim {

struct BrokerOptions {
  store::Durability durability = store::Durability::kPower;
  microseconds commit_min{100};
  microseconds commit_max{milliseconds(8)};
  microseconds recovery_max{milliseconds(500)};
  microseconds down_max{seconds(40)};
  double crash_in_commit = 0;  // at a moment of each commit, drawn
  double clock_jump = 0;       // of the wall clock, at a restart
  double rebuild_checks = 0.02;
  bool loses_power = true;  // else only the process dies
};

/// The machine of the broker: its disk, its clock, and the process, which a supervisor starts again
/// whenever it has died.
class BrokerMachine {
 public:
  BrokerMachine(World* world, Network* network, Auditor* auditor, BrokerOptions options);
  ~BrokerMachine();

  void start();
  /// The process dies, and comes again after a while; with `power` so does the machine.
  void kill(bool power);
  bool is_up() const { return process_ != nullptr; }
  store::MemoryDisk& disk() { return *disk_; }
  /// Of what is on the disk now; null and a violation when it cannot be read.
  std::unique_ptr<store::Store> open_to_read() const;
  /// What `scopa store verify` would say of the disk.
  void verify_store() const;
  /// No more chance crashes or clock jumps, quick restarts.
  void be_kind();
  /// Compares the live state with one that is rebuilt from the disk, if nothing is on its way.
  void check_rebuilt();
  /// Calls `look` with the live core; false when there is none, or it knows of more than the disk.
  bool look(const std::function<void(core::Core&)>& look);

 private:
  class Process;
  void died(bool power);
  Instant wall() const;

  World* world_;
  Network* network_;
  Auditor* auditor_;
  BrokerOptions options_;
  Random random_;
  const std::shared_ptr<store::MemoryDisk> disk_;
  microseconds wall_offset_{};
  bool power_went_ = false;
  std::uint64_t starts_ = 0;
  std::shared_ptr<Process> process_;
};

}  // namespace scopa::sim
