#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/worker_process.h"

namespace scopa::sim {

/// Every trainer that ever ran, by attempt: what they logged is the truth that stored points are
/// held against.
class Trainers {
 public:
  std::shared_ptr<Trainer> start(World* world, const TrainerOptions& options,
                                 const wire::Assign& assign, const std::string& folder,
                                 bool sees_checkpoint);
  std::vector<const Journal*> journals_of(const wire::AttemptRef& attempt) const;
  std::size_t started() const { return started_; }

 private:
  std::map<wire::AttemptRef, std::vector<std::shared_ptr<Trainer>>> all_;
  std::size_t started_ = 0;
};

struct MachineOptions {
  std::size_t slots = 1;
  double start_fails = 0.01;  // the trainer's program is not there
  TrainerOptions trainer;
};

/// A machine with one worker for each sweep. What a dead worker's trainers logged stays in its
/// memory until the machine itself goes down.
class Machine final : public Host {
 public:
  Machine(World* world, Network* network, Trainers* trainers, int index,
          const MachineOptions& options);

  /// Starts a worker for the sweep; when it leaves or dies, another one follows while is_wanted().
  void serve(const SweepId& sweep);
  std::function<bool(const SweepId&)> is_wanted;

  int index() const override { return index_; }
  const std::string& name() const override { return name_; }
  std::shared_ptr<Trainer> start_trainer(const std::string& worker,
                                         const wire::Assign& assign) override;
  void forget(const std::shared_ptr<Trainer>& trainer) override;
  void leave_behind(const std::shared_ptr<Trainer>& trainer) override;
  void worker_left(const std::string& worker, const Status& status) override;

  // ---- faults, at a worker or trainer drawn by `random`
  void kill_worker(Random* random);
  void stall_worker(Random* random, microseconds duration);
  void stop_worker(Random* random);
  void drain_worker(Random* random);
  void preempt_worker(Random* random);
  void jump_clock(microseconds ahead);
  void kill_trainer(Random* random);
  /// Workers, trainers and journals are gone.
  void crash();
  bool has_workers() const { return !workers_.empty(); }

 private:
  struct Seat {
    SweepId sweep;
    std::shared_ptr<WorkerProcess> worker;
  };
  struct Kept {
    std::shared_ptr<Trainer> trainer;
    std::string worker;  // that looks after it; empty when that is gone
  };
  void start_worker(const SweepId& sweep);
  std::vector<std::shared_ptr<Trainer>> take_over(const SweepId& sweep, const std::string& worker);
  void disown(const std::string& worker);
  void start_worker_later(const SweepId& sweep);
  Seat* any(Random* random);

  World* world_;
  Network* network_;
  Trainers* trainers_;
  const int index_;
  const std::string name_;
  const MachineOptions options_;
  Random random_;
  std::uint64_t workers_started_ = 0;
  std::uint64_t boots_ = 0;
  microseconds clock_offset_{};
  std::vector<SweepId> served_;
  std::vector<Seat> workers_;
  std::vector<Kept> kept_;  // journals that nobody has forgotten yet
};

}  // namespace scopa::sim
