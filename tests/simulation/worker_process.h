#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sdk/session/session.h"
#include "tests/simulation/network.h"
#include "tests/simulation/trainer.h"
#include "tests/simulation/world.h"

namespace scopa::sim {

/// Where a worker process lives: what it starts and what it leaves behind outlive it there.
class Host {
 public:
  virtual ~Host() = default;
  virtual int index() const = 0;
  virtual const std::string& name() const = 0;
  virtual std::shared_ptr<Trainer> start_trainer(const std::string& worker,
                                                 const wire::Assign& assign) = 0;
  /// The journal goes: nobody will ask for it any more.
  virtual void forget(const std::shared_ptr<Trainer>& trainer) = 0;
  /// The journal stays for the next worker.
  virtual void leave_behind(const std::shared_ptr<Trainer>& trainer) = 0;
  virtual void worker_left(const std::string& worker, const Status& status) = 0;
};

/// One worker process: the production Session, and around it what WorkerLoop is in reality.
class WorkerProcess : public std::enable_shared_from_this<WorkerProcess> {
 public:
  struct Options {
    std::string id;
    SweepId sweep;
    std::size_t slots = 1;
    microseconds clock_offset{};
    double start_fails = 0;
  };
  WorkerProcess(World* world, Network* network, Host* host, const Options& options);

  /// `leftovers` of workers that are dead: to be adopted.
  void start(const std::vector<std::shared_ptr<Trainer>>& leftovers);
  /// SIGSTOP for so long: no line of its code runs, its trainers go on.
  void stall(microseconds duration);
  /// Its clock jumps ahead, as after a suspend.
  void jump(microseconds ahead) { clock_offset_ += ahead; }
  void drain();
  void stop();
  void preempt();

  const std::string& id() const { return id_; }

 private:
  Instant now() const { return world_->now() + clock_offset_; }
  bool is_stalled() const { return world_->now() < stalled_until_; }
  void wake_in(microseconds delay);
  void wake();
  void receive(const std::string& frame);
  void look_after_trainers();
  void perform();
  void perform(const session::StartTrial& start);
  void perform(const session::EndTrial& end);
  void perform(const session::ForgetTrial& forget);
  void adopt(const std::shared_ptr<Trainer>& trainer);
  void watch(const std::shared_ptr<Trainer>& trainer);

  struct Active {
    std::shared_ptr<Trainer> trainer;
    bool is_over = false;
  };

  World* world_;
  Network* network_;
  Host* host_;
  Random random_;
  const std::string id_;
  const std::size_t slots_;
  const double start_fails_;
  microseconds clock_offset_;
  session::Session session_;
  session::Actions actions_;
  std::vector<Active> active_;
  std::unique_ptr<Dealer> dealer_;
  Instant stalled_until_{};
  std::deque<std::string> inbox_;
  std::optional<Instant> waking_at_;
};

}  // namespace scopa::sim
