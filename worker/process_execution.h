#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sdk/base/limits.h"
#include "sdk/session/journal_place.h"
#include "sdk/session/runner.h"
#include "worker/log_cap.h"
#include "worker/metric_pipe.h"
#include "worker/oom_kills.h"
#include "worker/process_group.h"

namespace scopa::worker {

struct ExecutionOptions {
  std::chrono::milliseconds grace = limits::kGraceDefault;  ///< to save, once told to stop
  /// From SIGTERM to SIGKILL, where there was a grace before SIGTERM.
  std::chrono::milliseconds term_grace = limits::kTermGrace;
  std::string log_file;
  /// SLURM may send SIGTERM and SIGUSR1 to trainers too: then it is the machine that takes the
  /// trial away.
  bool signals_are_interruptions = false;
};

/// A trial as a process group with its journal and metrics pipe.
///
/// To end it: the stop flag in the journal, when a trainer with the SDK has it open; after the
/// grace SIGTERM to the group, and `term_grace` later SIGKILL. A trainer without the SDK gets
/// SIGTERM at once, and SIGKILL after the grace. What outlives a trainer that was told to stop has
/// as long as the trainer itself; what one that ended by itself leaves behind in its group gets
/// SIGTERM, and SIGKILL after limits::kStragglerGrace.
class ProcessExecution final : public session::Execution {
 public:
  ProcessExecution(ExecutionOptions options, session::JournalPlace place,
                   std::unique_ptr<journal::Journal> journal, std::unique_ptr<MetricPipe> pipe,
                   std::unique_ptr<ProcessGroup> group);
  ~ProcessExecution() override;

  journal::Journal& journal() override { return *journal_; }
  void wait_fds(std::vector<int>* fds) const override;
  std::optional<session::TrialEnd> poll(Instant now) override;
  std::optional<Instant> next_deadline() const override;
  void stop(StopReason reason, Instant now, std::chrono::microseconds at_most) override;
  void forget() override;

 private:
  enum class Phase { kRunning, kCleaning, kOver };
  void send_due_signals(Instant now);
  void clean_up(Instant now);
  session::TrialEnd describe() const;
  session::TrialEnd describe_adopted() const;

  ExecutionOptions options_;
  session::JournalPlace place_;
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<MetricPipe> pipe_;
  std::unique_ptr<ProcessGroup> group_;
  Phase phase_ = Phase::kRunning;
  std::optional<LeaderEnd> leader_end_;
  bool stopping_ = false;
  bool asked_first_ = false;  // by the flag: then SIGTERM is force already
  bool terminated_ = false;   // SIGTERM has been sent
  bool signalled_ = false;    // by us, before the leader ended
  bool straggles_ = false;    // what lives was left behind by a trainer that ended by itself
  wire::Forced forced_ = wire::Forced::kNot;
  bool unkillable_ = false;
  OomKills oom_kills_before_ = OomKills::now();
  LogCap log_cap_;
  std::uint32_t polls_ = 0;
  std::optional<Instant> term_at_;
  std::optional<Instant> kill_at_;
  std::optional<Instant> look_again_at_;
  Instant cleaning_since_{};
  Instant give_up_at_{};
};

}  // namespace scopa::worker
