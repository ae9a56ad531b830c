#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/auditor.h"
#include "tests/simulation/broker_machine.h"
#include "tests/simulation/client.h"
#include "tests/simulation/machine.h"
#include "tests/simulation/network.h"
#include "tests/simulation/world.h"

namespace scopa::sim {

/// What a run is made of: drawn from its seed, or set by a test.
struct Scenario {
  NetworkOptions network;
  BrokerOptions broker;
  std::vector<MachineOptions> machines;
  std::vector<std::string> specs;
  double meddles = 0.5;
  microseconds trouble{};                ///< for so long things go wrong
  microseconds between_faults{};         ///< on average
  microseconds patience = minutes(240);  ///< after that, until everything must have ended

  static Scenario draw(std::uint64_t seed);
};

struct Outcome {
  std::optional<Violation> violation;
  std::uint64_t hash = 0;
  std::uint64_t steps = 0;
  std::uint64_t trainers = 0;
  std::uint64_t commits = 0;
  microseconds virtual_time{};
  std::map<std::string, std::uint64_t> faults;
  std::vector<std::string> last_lines;  ///< when asked for
};

/// A whole cluster in one thread and virtual time.
///
///     const Outcome outcome = simulate(42);
class Cluster {
 public:
  Cluster(std::uint64_t seed, const Scenario& scenario, bool keep_text);

  World& world() { return world_; }
  Network& network() { return network_; }
  BrokerMachine& broker() { return broker_; }
  Auditor& auditor() { return auditor_; }
  Trainers& trainers() { return trainers_; }
  std::vector<std::unique_ptr<Machine>>& machines() { return machines_; }

  void start();
  /// Until then, or a violation. Invariants are looked at all the while.
  void run_for(microseconds time);
  /// Faults end; runs until every sweep has ended, then looks at everything once more.
  void finish();
  Outcome outcome() const;

 private:
  void look_now_and_then();
  bool has_ended() const;
  void check_end();
  void check_trials(core::Core& core, const SweepId& id, const LedgerSweep& sweep);
  void check_resumes(const SweepId& id, std::uint64_t number, const LedgerTrial& trial);
  void check_decisions(const SweepId& id);

  const Scenario scenario_;
  World world_;
  Network network_;
  Trainers trainers_;
  Auditor auditor_;
  BrokerMachine broker_;
  Random random_;
  Instant started_;
  std::vector<std::unique_ptr<Machine>> machines_;
  std::vector<std::shared_ptr<Client>> clients_;
};

/// A run of the scenario that the seed draws, with the faults that it draws.
Outcome simulate(std::uint64_t seed, bool keep_text = false, bool verbose = false);

}  // namespace scopa::sim
