#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/base/status.h"
#include "sdk/session/dealer.h"
#include "sdk/session/runner.h"
#include "sdk/session/session.h"

namespace scopa::session {

class JournalSource;

/// What a worker did.
struct Totals {
  std::uint64_t trials = 0, completed = 0, pruned = 0, failed = 0, cancelled = 0, requeued = 0,
                diverged = 0;
};

/// How much time the machine leaves: less, where SLURM tells that the job has less.
enum class Notice {
  kLong,   ///< limits::kNoticeLong
  kShort,  ///< limits::kNoticeShort
};

/// The shell around Session: a socket, a clock and executions. It decides nothing itself.
///
///     auto loop = WorkerLoop::create(options, &runner, [](std::string_view line) { ... });
///     Status end = (*loop)->run();     // on this thread
///     (*loop)->drain();                // from any thread or signal handler
class WorkerLoop {
 public:
  /// `runner` must outlive the loop; `tell` gets one line for a person at each change of state, on
  /// the thread of run(), and may be empty.
  /// Errors: kInvalidArgument for an endpoint that is none; kResource.
  static Result<std::unique_ptr<WorkerLoop>> create(SessionOptions options, Runner* runner,
                                                    std::function<void(std::string_view)> tell);
  ~WorkerLoop();
  WorkerLoop(const WorkerLoop&) = delete;
  WorkerLoop& operator=(const WorkerLoop&) = delete;

  /// Takes over an attempt of a dead worker, before run(); `end` when its trainer is gone. One that
  /// runs has `slot`, where that is free, else a further one.
  /// Errors: kResource when there are too many; then it is left as it was.
  Status adopt(std::uint32_t slot, const std::string& device, std::unique_ptr<Execution> execution,
               std::optional<TrialEnd> end);
  /// Blocks until the session is done. Trials that still run then are ended.
  Status run();
  /// No new trials. From any thread, also from a signal handler.
  void drain() noexcept;
  /// Running trials save a checkpoint, are ended and given back. From any thread, also from a
  /// signal handler; a second call can only make it faster.
  void preempt(Notice notice) noexcept;
  /// Running trials are ended and given back. From any thread, also from a signal handler.
  void stop() noexcept;
  /// The same without any time to save.
  void stop_at_once() noexcept;
  /// From any thread.
  Totals totals() const;

 private:
  struct Active {
    std::unique_ptr<JournalSource> source;
    std::unique_ptr<Execution> execution;
    bool is_over = false;
    std::string damage;                  // of its journal, once that is seen
    Instant looked_at{};                 // for such damage
    std::optional<Instant> started_at;   // by this worker
    std::optional<Instant> first_point;  // when it was seen
  };

  WorkerLoop(SessionOptions options, Runner* runner, std::function<void(std::string_view)> tell,
             std::unique_ptr<Dealer> dealer, int wake_fd);
  void obey(Instant now);
  void poll_executions(Instant now);
  void poll_execution(std::uint32_t slot, Instant now);
  void look_at_journal(std::uint32_t slot, bool at_the_end, Instant now);
  void receive(Instant now);
  void look_at_handshakes(Instant now);
  void perform(Instant now);
  void perform(StartTrial& start, Instant now);
  void perform(const ForgetTrial& forget);
  void wait(Instant now);
  void note_new_points(Instant now);
  void tell(const std::string& text) const;

  Runner* runner_;
  std::function<void(std::string_view)> tell_;
  std::unique_ptr<Dealer> dealer_;
  int wake_fd_;
  std::uint32_t slots_;
  Session session_;
  std::vector<Active> active_;  // by slot
  std::uint32_t adopted_ = 0;
  Actions actions_;
  std::vector<int> fds_;
  std::uint64_t points_seen_ = 0;
  Instant points_at_{};  // when new points were last seen

  // A later one includes those before.
  enum Wish : int { kNothing, kDrain, kPreempt, kPreemptSoon, kStop, kStopAtOnce };
  void wish(int wish) noexcept;
  std::atomic<int> wish_{kNothing};
  int obeyed_ = 0;

  mutable std::mutex totals_mutex_;
  Totals totals_;  // guarded by totals_mutex_
};

}  // namespace scopa::session
