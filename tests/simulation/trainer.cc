#include "tests/simulation/trainer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace scopa::sim {

const std::vector<std::string>& Journal::metrics() {
  static const std::vector<std::string> names = {"loss", "lr_now", "accuracy"};
  return names;
}

std::uint64_t Journal::read(std::uint64_t from, std::size_t records_max, PointBlock* block) {
  std::uint64_t at = from;
  block->metrics = metrics();
  for (; at < points.size() && at - from < records_max; ++at) {
    const LoggedPoint& point = points[at];
    if (point.is_hole && !writers_gone) break;
    if (point.is_hole) continue;
    block->metric.push_back(point.metric);
    block->step.push_back(point.step);
    block->value.push_back(point.value);
    block->time_us.push_back(point.time_us);
  }
  return at;
}

std::optional<session::CheckpointNote> Journal::checkpoint() const {
  return checkpoints.empty() ? std::nullopt : std::optional(checkpoints.back());
}

Trainer::Trainer(World* world, const TrainerOptions& options, const wire::Assign& assign,
                 const std::string& folder, bool sees_checkpoint)
    : world_(world),
      random_(world->random("trainer " + assign.sweep + "/" + std::to_string(assign.trial) + "/" +
                            std::to_string(assign.attempt))),
      assign_(assign),
      folder_(folder) {
  steps_ = random_.between(options.steps_min, options.steps_max);
  step_time_ = random_.time(options.step_min, options.step_max);
  if (random_.chance(options.fails)) {
    plan_ = static_cast<Plan>(random_.between(1, 3));
    fails_at_ = random_.between(0, steps_);
  }
  if (random_.chance(options.nan)) nan_at_ = random_.between(0, steps_);
  is_deaf_ = random_.chance(options.is_deaf);
  const std::uint64_t configuration = hash_bytes(canonical_text(assign.params));
  const bool infeasible =
      static_cast<double>(mix(configuration) % 1000) < options.infeasible * 1000;
  if (options.fails_at_once || infeasible) {
    plan_ = infeasible ? Plan::kOutOfMemory : Plan::kExits;
    fails_at_ = 0;
    fails_always_ = true;
  }
  level_ = static_cast<double>(configuration % 1000) / 1000;
  journal_->saves = random_.chance(options.saves);
  saves_every_ = random_.between(1, 4);
  if (sees_checkpoint && journal_->saves) {
    journal_->resumed_at = assign.resume_step;
    step_ = assign.resume_step + 1;
  }
}

void Trainer::start() {
  world_->after(random_.time(milliseconds(1), milliseconds(800)), life_, [this] { log_step(); });
}

double Trainer::value_at(std::int64_t step) const {
  if (step == nan_at_) return std::numeric_limits<double>::quiet_NaN();
  return level_ + 1.0 / static_cast<double>(step + 1);
}

void Trainer::fail() {
  session::TrialEnd how;
  how.outcome = plan_ == Plan::kExits ? wire::Outcome::kExited : wire::Outcome::kSignaled;
  how.exit_code = plan_ == Plan::kExits ? 3 : 0;
  how.signal = plan_ == Plan::kExits ? 0 : plan_ == Plan::kCrashes ? 11 : 9;
  how.cause = plan_ == Plan::kExits     ? Cause::kUserError
              : plan_ == Plan::kCrashes ? Cause::kCrash
                                        : Cause::kOom;
  how.message = plan_ == Plan::kOutOfMemory ? "CUDA out of memory" : "it went wrong";
  finish(std::move(how));
}

void Trainer::save_checkpoint() {
  checkpoint_asked_ = false;
  journal_->checkpoints.push_back({step_, journal_->points.size(), folder_});
}

void Trainer::log_step() {
  if (plan_ != Plan::kSucceeds && (fails_always_ || step_ == fails_at_)) return fail();
  if ((stop_asked_ && !is_deaf_) || step_ >= steps_) {
    session::TrialEnd how;
    how.ran_to_end = step_ >= steps_ && !stop_asked_;
    return finish(std::move(how));
  }
  const std::int64_t time_us = to_unix_us(world_->now());
  const auto log = [&](std::uint16_t metric, double value) {
    journal_->points.push_back({metric, step_, value, time_us, false});
  };
  log(0, value_at(step_));
  if (random_.chance(0.4)) log(1, std::ldexp(1.0, static_cast<int>(-step_)));
  if (random_.chance(0.2)) log(2, random_.unit());
  if (journal_->saves && (checkpoint_asked_ || step_ % saves_every_ == 0)) save_checkpoint();
  ++step_;
  world_->after(step_time_ / 2 + random_.time(microseconds(0), step_time_), life_,
                [this] { log_step(); });
  if (on_change) on_change();
}

void Trainer::ask_to_stop(microseconds grace) {
  if (has_ended()) return;
  stop_asked_ = true;
  world_->after(grace, life_, [this] { kill(); });
}

void Trainer::kill(wire::Outcome outcome) {
  if (has_ended() || !life_) return;
  if (random_.chance(0.3)) {
    journal_->points.push_back({0, step_, 0, to_unix_us(world_->now()), true});
  }
  session::TrialEnd how;
  how.outcome = outcome;
  how.signal = 9;
  if (outcome == wire::Outcome::kSignaled) how.cause = Cause::kOom;
  finish(std::move(how));
}

void Trainer::finish(session::TrialEnd how) {
  journal_->writers_gone = true;
  end_ = std::move(how);
  life_.reset();
  if (on_change) on_change();
}

}  // namespace scopa::sim
