#include "tests/simulation/machine.h"

#include <algorithm>
#include <utility>

namespace scopa::sim {

std::shared_ptr<Trainer> Trainers::start(World* world, const TrainerOptions& options,
                                         const wire::Assign& assign) {
  auto trainer = std::make_shared<Trainer>(world, options, assign);
  all_[wire::attempt_of(assign)].push_back(trainer);
  ++started_;
  trainer->start();
  return trainer;
}

std::vector<const Journal*> Trainers::journals_of(const wire::AttemptRef& attempt) const {
  std::vector<const Journal*> journals;
  const auto found = all_.find(attempt);
  if (found == all_.end()) return journals;
  for (const auto& trainer : found->second) journals.push_back(trainer->journal().get());
  return journals;
}

Machine::Machine(World* world, Network* network, Trainers* trainers, int index,
                 const MachineOptions& options)
    : world_(world),
      network_(network),
      trainers_(trainers),
      index_(index),
      name_("host" + std::to_string(index)),
      options_(options),
      random_(world->random(name_)) {
  clock_offset_ = random_.time(-minutes(600), minutes(600));
}

void Machine::serve(const SweepId& sweep) {
  served_.push_back(sweep);
  start_worker(sweep);
}

void Machine::start_worker(const SweepId& sweep) {
  // A person may let a finished sweep go on.
  if (is_wanted && !is_wanted(sweep)) return start_worker_later(sweep);
  WorkerProcess::Options options;
  options.id = name_ + "-w" + std::to_string(++workers_started_);
  options.sweep = sweep;
  options.slots = options_.slots;
  options.clock_offset = clock_offset_;
  options.start_fails = options_.start_fails;
  world_->say(name_, "starts worker " + options.id);
  workers_.push_back({sweep, std::make_shared<WorkerProcess>(world_, network_, this, options)});
  workers_.back().worker->start();
}

void Machine::start_worker_later(const SweepId& sweep) {
  const std::uint64_t boot = boots_;
  world_->after(random_.time(milliseconds(100), seconds(20)), [this, sweep, boot] {
    if (boot == boots_) start_worker(sweep);
  });
}

std::shared_ptr<Trainer> Machine::start_trainer(const wire::Assign& assign) {
  kept_.push_back(trainers_->start(world_, options_.trainer, assign));
  return kept_.back();
}

void Machine::forget(const std::shared_ptr<Trainer>& trainer) { std::erase(kept_, trainer); }

void Machine::worker_left(const std::string& worker, const Status&) {
  const auto found = std::find_if(workers_.begin(), workers_.end(),
                                  [&](const Seat& seat) { return seat.worker->id() == worker; });
  if (found == workers_.end()) return;
  const SweepId sweep = found->sweep;
  workers_.erase(found);
  start_worker_later(sweep);
}

// ---- faults -------------------------------------------------------------------------------------

Machine::Seat* Machine::any(Random* random) {
  return workers_.empty() ? nullptr : &workers_[random->below(workers_.size())];
}

void Machine::kill_worker(Random* random) {
  Seat* seat = any(random);
  if (seat == nullptr) return;
  world_->injected("worker killed");
  world_->say(name_, "kills worker " + seat->worker->id());
  worker_left(seat->worker->id(), Status::ok());
}

void Machine::stall_worker(Random* random, microseconds duration) {
  Seat* seat = any(random);
  if (seat == nullptr) return;
  world_->injected("worker stalled");
  seat->worker->stall(duration);
}

void Machine::stop_worker(Random* random) {
  Seat* seat = any(random);
  if (seat == nullptr) return;
  world_->injected("worker stopped");
  seat->worker->stop();
}

void Machine::drain_worker(Random* random) {
  Seat* seat = any(random);
  if (seat == nullptr) return;
  world_->injected("worker drained");
  seat->worker->drain();
}

void Machine::jump_clock(microseconds ahead) {
  world_->injected("worker clock jump");
  clock_offset_ += ahead;
  for (Seat& seat : workers_) seat.worker->jump(ahead);
}

void Machine::kill_trainer(Random* random) {
  std::vector<Trainer*> running;
  for (const auto& each : kept_) {
    if (!each->has_ended()) running.push_back(each.get());
  }
  if (running.empty()) return;
  world_->injected("trainer killed");
  running[random->below(running.size())]->kill(wire::Outcome::kSignaled);
}

void Machine::crash() {
  world_->injected("machine crash");
  world_->say(name_, "crashes");
  ++boots_;
  workers_.clear();
  for (const auto& trainer : kept_) trainer->vanish();
  kept_.clear();
  clock_offset_ = random_.time(-minutes(600), minutes(600));
  for (const SweepId& sweep : served_) start_worker_later(sweep);
}

}  // namespace scopa::sim
