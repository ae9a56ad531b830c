#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sdk/session/journal_place.h"
#include "sdk/session/runner.h"
#include "worker/log_cap.h"
#include "worker/metric_pipe.h"
#include "worker/oom_kills.h"
#include "worker/process_group.h"

namespace scopa::worker {

struct ExecutionOptions {
  std::chrono::milliseconds stop_grace{};  ///< from the stop flag to SIGTERM
  std::chrono::milliseconds term_grace{};  ///< from SIGTERM to SIGKILL
  std::string log_file;
  /// SLURM may send SIGTERM and SIGUSR1 to trainers too: then it is the machine that takes the
  /// trial away.
  bool signals_are_interruptions = false;
};

/// A trial as a process group with its journal and metrics pipe.
///
/// To end it: the stop flag in the journal, when a trainer with the SDK has it open; then SIGTERM
/// to the group, then SIGKILL. A trainer without the SDK gets SIGTERM at once; one whose result
/// nobody can use (session::is_at_once()) SIGKILL. What the trainer leaves behind in its group when
/// it ends gets the same.
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
  void stop(StopReason reason, Instant now) override;
  void forget() override;

 private:
  enum class Phase { kRunning, kCleaning, kOver };
  void send_due_signals(Instant now);
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
  bool signalled_ = false;  // by us, before the leader ended
  bool unkillable_ = false;
  OomKills oom_kills_before_ = OomKills::now();
  LogCap log_cap_;
  std::uint32_t polls_ = 0;
  std::optional<Instant> term_at_;
  std::optional<Instant> kill_at_;
  std::optional<Instant> look_again_at_;
  Instant give_up_at_{};
};

}  // namespace scopa::worker
