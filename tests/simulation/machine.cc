#include "tests/simulation/machine.h"

#include <algorithm>
#include <utility>

namespace scopa::sim {

std::shared_ptr<Trainer> Trainers::start(World* world, const TrainerOptions& options,
                                         const wire::Assign& assign, const std::string& folder,
                                         bool sees_checkpoint) {
  auto trainer = std::make_shared<Trainer>(world, options, assign, folder, sees_checkpoint);
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
  const auto worker = workers_.back().worker;
  worker->start(take_over(sweep, options.id));
}

void Machine::start_worker_later(const SweepId& sweep) {
  const std::uint64_t boot = boots_;
  world_->after(random_.time(milliseconds(100), seconds(20)), [this, sweep, boot] {
    if (boot == boots_) start_worker(sweep);
  });
}

// Some trainers save where every machine can read, some on this one alone.
std::shared_ptr<Trainer> Machine::start_trainer(const std::string& worker,
                                                const wire::Assign& assign) {
  const std::string here = "/local/" + name_ + "/" + std::to_string(boots_) + "/";
  const bool sees =
      assign.checkpoint.starts_with("/shared/") || assign.checkpoint.starts_with(here);
  const std::string folder =
      (random_.chance(0.6) ? "/shared/" : here) + std::to_string(assign.trial);
  kept_.push_back({trainers_->start(world_, options_.trainer, assign, folder, sees), worker});
  return kept_.back().trainer;
}

void Machine::forget(const std::shared_ptr<Trainer>& trainer) {
  std::erase_if(kept_, [&](const Kept& each) { return each.trainer == trainer; });
}

void Machine::leave_behind(const std::shared_ptr<Trainer>& trainer) {
  for (Kept& each : kept_) {
    if (each.trainer == trainer) each.worker.clear();
  }
}

std::vector<std::shared_ptr<Trainer>> Machine::take_over(const SweepId& sweep,
                                                         const std::string& worker) {
  std::vector<std::shared_ptr<Trainer>> taken;
  for (Kept& each : kept_) {
    if (!each.worker.empty() || each.trainer->assign().sweep != sweep) continue;
    each.worker = worker;
    taken.push_back(each.trainer);
  }
  return taken;
}

void Machine::disown(const std::string& worker) {
  for (Kept& each : kept_) {
    if (each.worker == worker) each.worker.clear();
  }
}

void Machine::worker_left(const std::string& worker, const Status&) {
  const auto found = std::find_if(workers_.begin(), workers_.end(),
                                  [&](const Seat& seat) { return seat.worker->id() == worker; });
  if (found == workers_.end()) return;
  const SweepId sweep = found->sweep;
  disown(worker);
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

void Machine::preempt_worker(Random* random) {
  Seat* seat = any(random);
  if (seat == nullptr) return;
  world_->injected("worker preempted");
  seat->worker->preempt();
}

void Machine::jump_clock(microseconds ahead) {
  world_->injected("worker clock jump");
  clock_offset_ += ahead;
  for (Seat& seat : workers_) seat.worker->jump(ahead);
}

void Machine::kill_trainer(Random* random) {
  std::vector<Trainer*> running;
  for (const auto& each : kept_) {
    if (!each.trainer->has_ended()) running.push_back(each.trainer.get());
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
  for (const Kept& each : kept_) each.trainer->vanish();
  kept_.clear();
  clock_offset_ = random_.time(-minutes(600), minutes(600));
  for (const SweepId& sweep : served_) start_worker_later(sweep);
}

}  // namespace scopa::sim
