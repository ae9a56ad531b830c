#include "tests/simulation/faults.h"

#include <array>
#include <memory>
#include <utility>

namespace scopa::sim {
namespace {

class Faults : public std::enable_shared_from_this<Faults> {
 public:
  Faults(Cluster* cluster, const Scenario& scenario)
      : cluster_(cluster),
        between_(scenario.between_faults),
        until_(cluster->world().now() + scenario.trouble),
        random_(cluster->world().random("faults")) {}

  void next() {
    const microseconds pause = random_.time(microseconds(0), between_ * 2);
    if (cluster_->world().now() + pause >= until_) return;
    cluster_->world().after(pause, [self = shared_from_this()] {
      self->inject();
      self->next();
    });
  }

 private:
  Machine& any_machine() {
    auto& machines = cluster_->machines();
    return *machines[random_.below(machines.size())];
  }

  void inject() {
    const std::uint64_t dice = random_.below(100);
    if (dice < 14) return cluster_->broker().kill(false);
    if (dice < 22) return cluster_->broker().kill(true);
    if (dice < 30) return trouble_disk();
    if (dice < 42) return any_machine().kill_worker(&random_);
    if (dice < 46) return any_machine().crash();
    if (dice < 56) return any_machine().stall_worker(&random_, pause());
    if (dice < 58) return any_machine().stop_worker(&random_);
    if (dice < 62) return any_machine().preempt_worker(&random_);
    if (dice < 64) return any_machine().drain_worker(&random_);
    if (dice < 66) return any_machine().jump_clock(pause());
    if (dice < 72) return any_machine().kill_trainer(&random_);
    if (dice < 88) return cut_off(any_machine().index());
    cluster_->world().injected("connections reset");
    cluster_->network().reset(any_machine().index());
  }

  /// Short, longer than a lease, or much longer.
  microseconds pause() {
    switch (random_.below(3)) {
      case 0:
        return random_.time(milliseconds(100), seconds(20));
      case 1:
        return random_.time(seconds(20), seconds(70));
      default:
        return random_.time(seconds(60), minutes(10));
    }
  }

  void cut_off(int host) {
    cluster_->world().injected("partition");
    const microseconds duration = pause();
    const std::uint64_t ways = random_.below(3);
    if (ways != 1) cluster_->network().partition(host, Way::kUp, duration);
    if (ways != 2) cluster_->network().partition(host, Way::kDown, duration);
  }

  void trouble_disk() {
    using Fault = store::MemoryDisk::Fault;
    static constexpr std::array<std::pair<Fault, const char*>, 4> kKinds = {{
        {Fault::kWrite, "writes fail"},
        {Fault::kSync, "syncs fail"},
        {Fault::kFull, "disk full"},
        {Fault::kReopen, "store does not open"},
    }};
    const auto& [fault, name] = kKinds[random_.below(kKinds.size())];
    cluster_->world().injected(name);
    cluster_->broker().disk().set_fault(fault);
    if (fault == Fault::kReopen) {
      // It is opened again only when a write has failed.
      cluster_->broker().disk().set_fault(Fault::kWrite);
      cluster_->world().after(seconds(3), [this, self = shared_from_this()] {
        auto& disk = cluster_->broker().disk();
        if (disk.fault() == Fault::kWrite) disk.set_fault(Fault::kReopen);
      });
    }
    cluster_->world().after(pause() / 4, [this, self = shared_from_this()] {
      cluster_->broker().disk().set_fault(Fault::kNone);
    });
  }

  Cluster* cluster_;
  const microseconds between_;
  const Instant until_;
  Random random_;
};

}  // namespace

void plan_faults(Cluster* cluster, const Scenario& scenario) {
  std::make_shared<Faults>(cluster, scenario)->next();
}

}  // namespace scopa::sim
