#include "tests/simulation/cluster.h"

#include <algorithm>
#include <utility>

#include "tests/simulation/faults.h"
#include "tests/simulation/specs.h"

namespace scopa::sim {

namespace {

/// Broken machines, and configurations that fail on every one.
void draw_conduct(std::uint64_t seed, Scenario* drawn) {
  Random random(seed, "conduct");
  if (random.chance(0.12)) {
    // One bad machine, on which trials fail at once, in a sweep that is long enough to tell.
    drawn->machines.resize(2 + random.below(2), drawn->machines.front());
    for (MachineOptions& machine : drawn->machines) machine.trainer.fails = random.unit() * 0.1;
    drawn->machines.back().trainer.fails_at_once = true;
    drawn->machines.back().slots = 1 + random.below(3);
    drawn->specs.front() = draw_long_spec(&random);
    return;
  }
  for (MachineOptions& machine : drawn->machines) {
    if (!random.chance(0.15)) continue;
    if (random.chance(0.5)) machine.start_fails = 1;
    machine.trainer.fails_at_once = true;
  }
  if (!random.chance(0.3)) return;
  const double share = random.unit() * 0.6;
  for (MachineOptions& machine : drawn->machines) machine.trainer.infeasible = share;
}

}  // namespace

Scenario Scenario::draw(std::uint64_t seed) {
  Random random(seed, "scenario");
  Scenario drawn;
  if (random.chance(0.4)) {
    drawn.network.hostile = true;
    drawn.network.loss = random.unit() * 0.1;
    drawn.network.duplicate = random.unit() * 0.1;
    drawn.network.late = random.unit() * 0.1;
  }
  if (random.chance(0.3)) drawn.network.delay_max = milliseconds(random.between(10, 800));
  if (random.chance(0.3)) drawn.broker.commit_max = milliseconds(random.between(10, 400));
  if (random.chance(0.5)) drawn.broker.crash_in_commit = 0.03;
  if (random.chance(0.3)) drawn.broker.clock_jump = 0.5;
  if (random.chance(0.25)) {
    drawn.broker.durability = store::Durability::kProcess;
    drawn.broker.loses_power = false;
  }
  drawn.machines.resize(1 + random.below(3));
  TrainerOptions trainer;
  trainer.steps_max = random.between(3, 14);
  trainer.step_max = random.time(seconds(1), seconds(8));
  trainer.fails = random.unit() * 0.3;
  for (MachineOptions& machine : drawn.machines) {
    machine.slots = 1 + random.below(2);
    machine.trainer = trainer;
  }
  drawn.specs.push_back(draw_spec(&random));
  if (random.chance(0.3)) drawn.specs.push_back(draw_spec(&random));
  drawn.meddles = random.unit();
  drawn.trouble = random.time(seconds(60), minutes(8));
  drawn.between_faults = random.time(seconds(5), seconds(60));
  draw_conduct(seed, &drawn);
  return drawn;
}

Cluster::Cluster(std::uint64_t seed, const Scenario& scenario, bool keep_text)
    : scenario_(scenario),
      world_(seed, keep_text),
      network_(&world_, scenario.network),
      auditor_(&world_, [this](const wire::AttemptRef& ref) { return trainers_.journals_of(ref); }),
      broker_(&world_, &network_, &auditor_, scenario.broker),
      random_(world_.random("cluster")),
      started_(world_.now()) {}

void Cluster::start() {
  broker_.start();
  for (std::size_t i = 0; i < scenario_.machines.size(); ++i) {
    machines_.push_back(std::make_unique<Machine>(&world_, &network_, &trainers_,
                                                  static_cast<int>(i), scenario_.machines[i]));
    machines_.back()->is_wanted = [this](const SweepId& id) {
      const LedgerSweep* sweep = auditor_.ledger().sweep(id);
      return sweep == nullptr || !scopa::has_ended(sweep->state);
    };
  }
  for (std::size_t i = 0; i < scenario_.specs.size(); ++i) {
    // On a machine of its own, which no partition reaches.
    clients_.push_back(std::make_shared<Client>(&world_, &network_, 1000, static_cast<int>(i),
                                                scenario_.specs[i]));
    clients_.back()->meddles = scenario_.meddles;
    clients_.back()->on_created = [this](const SweepId& id) {
      for (const auto& machine : machines_) machine->serve(id);
    };
    clients_.back()->start();
  }
  look_now_and_then();
}

void Cluster::look_now_and_then() {
  world_.after(random_.time(seconds(1), seconds(120)), [this] {
    broker_.check_rebuilt();
    look_now_and_then();
  });
}

void Cluster::run_for(microseconds time) {
  const Instant until = world_.now() + time;
  bool over = false;
  world_.after(time, [&over] { over = true; });
  while (!over && world_.now() <= until && world_.step()) {
  }
}

bool Cluster::has_ended() const {
  return std::all_of(clients_.begin(), clients_.end(),
                     [](const auto& client) { return client->is_done(); }) &&
         std::none_of(machines_.begin(), machines_.end(),
                      [](const auto& machine) { return machine->has_workers(); }) &&
         std::all_of(auditor_.ledger().sweeps().begin(), auditor_.ledger().sweeps().end(),
                     [](const auto& sweep) { return scopa::has_ended(sweep.second.state); });
}

void Cluster::finish() {
  network_.be_kind();
  broker_.be_kind();
  for (const auto& client : clients_) client->be_diligent();
  const Instant until = world_.now() + scenario_.patience;
  while (!has_ended() && world_.now() < until && world_.step()) {
  }
  if (world_.violation()) return;
  if (!has_ended()) {
    std::string open;
    for (const auto& [id, sweep] : auditor_.ledger().sweeps()) {
      open += " " + id + " " + std::string(name_of(sweep.state));
    }
    for (const auto& machine : machines_) {
      if (machine->has_workers()) open += " workers on " + machine->name();
    }
    return world_.violate("everything-ends", "still open:" + open);
  }
  // Rounds that are on their way come to rest.
  run_for(minutes(2));
  check_end();
}

Outcome Cluster::outcome() const {
  Outcome outcome;
  if (world_.violation()) outcome.violation = *world_.violation();
  outcome.hash = world_.trace_hash();
  outcome.steps = world_.steps();
  outcome.trainers = trainers_.started();
  outcome.commits = auditor_.commits();
  outcome.virtual_time = std::chrono::duration_cast<microseconds>(world_.now() - started_);
  outcome.faults = world_.faults();
  outcome.last_lines.assign(world_.lines().begin(), world_.lines().end());
  return outcome;
}

Outcome simulate(std::uint64_t seed, bool keep_text, bool verbose) {
  const Scenario scenario = Scenario::draw(seed);
  Cluster cluster(seed, scenario, keep_text);
  cluster.world().verbose = verbose;
  cluster.start();
  plan_faults(&cluster, scenario);
  cluster.run_for(scenario.trouble);
  cluster.finish();
  return cluster.outcome();
}

}  // namespace scopa::sim
