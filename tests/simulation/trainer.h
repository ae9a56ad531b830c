#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sdk/base/states.h"
#include "sdk/session/attempt_stream.h"
#include "sdk/session/point_source.h"
#include "sdk/wire/messages.h"
#include "tests/simulation/world.h"

namespace scopa::sim {

struct LoggedPoint {
  std::uint16_t metric = 0;  // into Journal::kMetrics
  std::int64_t step = 0;
  double value = 0;
  std::int64_t time_us = 0;
  bool is_hole = false;  // a killed trainer had taken the place and not filled it
};

/// What a trainer has logged and noted: the list that stands for the mmap'd journal. It outlives
/// the worker, and the trainer, but not its machine.
class Journal final : public session::PointSource {
 public:
  static const std::vector<std::string>& metrics();
  std::uint64_t available() const override { return points.size(); }
  std::uint64_t read(std::uint64_t from, std::size_t records_max, PointBlock* block) override;
  std::optional<session::CheckpointNote> checkpoint() const override;
  bool saves_checkpoints() const override { return saves; }
  std::int64_t resumed() const override { return resumed_at; }

  std::vector<LoggedPoint> points;
  std::vector<session::CheckpointNote> checkpoints;
  bool saves = false;
  std::int64_t resumed_at = -1;
  bool writers_gone = false;
};

/// How trainers behave; drawn for each one from the world's seed and the attempt.
struct TrainerOptions {
  std::int64_t steps_min = 1;
  std::int64_t steps_max = 12;
  microseconds step_min = milliseconds(50);
  microseconds step_max = seconds(6);
  double fails = 0.1;          // by itself: exit code, signal or memory
  double nan = 0.03;           // once, as goal value
  double is_deaf = 0.1;        // never looks at the stop flag
  double saves = 0.5;          // writes checkpoints
  bool fails_at_once = false;  // the machine is broken: so does every trainer
  double infeasible = 0;       // share of the configurations with which every trainer fails
};

/// One trainer process: logs points as time passes, looks at its stop flag, ends by itself or is
/// killed. It knows nothing of workers and brokers.
class Trainer : public std::enable_shared_from_this<Trainer> {
 public:
  /// `sees_checkpoint`: what it was offered lies where it can read it.
  Trainer(World* world, const TrainerOptions& options, const wire::Assign& assign,
          const std::string& folder, bool sees_checkpoint);

  void start();
  /// After each point, and once at the end. May be replaced when another worker takes it over.
  std::function<void()> on_change;

  /// Sets the stop flag; it is killed when it has not ended after `grace`.
  void ask_to_stop(microseconds grace);
  void kill(wire::Outcome outcome = wire::Outcome::kKilled);
  void request_checkpoint() { checkpoint_asked_ = true; }
  /// With its machine: nobody will ever hear of it.
  void vanish() { life_.reset(); }

  bool has_ended() const { return end_.has_value(); }
  bool was_stopped() const { return stop_asked_; }
  const session::TrialEnd& end() const { return *end_; }
  const wire::Assign& assign() const { return assign_; }
  const std::shared_ptr<Journal>& journal() const { return journal_; }

 private:
  enum class Plan : std::uint8_t { kSucceeds, kExits, kCrashes, kOutOfMemory };
  void log_step();
  void finish(session::TrialEnd how);
  void fail();
  void save_checkpoint();
  double value_at(std::int64_t step) const;

  World* world_;
  Random random_;
  const wire::Assign assign_;
  const std::string folder_;
  std::shared_ptr<Journal> journal_ = std::make_shared<Journal>();
  std::shared_ptr<int> life_ = std::make_shared<int>(0);
  std::optional<session::TrialEnd> end_;

  std::int64_t step_ = 0;
  std::int64_t steps_ = 0;
  microseconds step_time_{};
  Plan plan_ = Plan::kSucceeds;
  std::int64_t fails_at_ = 0;
  bool fails_always_ = false;
  std::int64_t nan_at_ = -1;
  bool is_deaf_ = false;
  bool stop_asked_ = false;
  bool checkpoint_asked_ = false;
  std::int64_t saves_every_ = 1;
  double level_ = 0;
};

}  // namespace scopa::sim
