#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "cli/connect.h"
#include "cli/context.h"
#include "cli/live_line.h"
#include "sdk/base/status.h"
#include "worker/worker.h"

namespace scopa::cli {

/// How a worker in this process ended.
struct WorkEnd {
  Status status;               ///< of the worker
  int interrupted = 0;         ///< 130 or 143 where a signal ended it, else 0
  bool paused_itself = false;  ///< the sweep stopped handing out trials because they fail
  worker::WorkerTotals totals;
};

/// Lines that the worker's thread says, until the supervisor takes them.
class Lines {
 public:
  void push(std::string_view line);
  std::vector<std::string> take();

 private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

struct WorkRules {
  std::chrono::milliseconds poll{250};
  /// Leave when the sweep pauses itself: there is nobody else to fix it and go on.
  bool leave_when_paused_by_failures = false;
  /// Where set, the worker's own lines are shown, and off a terminal nothing else is.
  Lines* lines = nullptr;
  /// Said at the first Ctrl-C: how to go on later.
  std::string go_on;
  /// Whether what the worker depends on is gone, so that it must end.
  std::function<bool()> must_end;
};

/// Runs `worker` in a thread until it ends; meanwhile keeps the live line, tells of new notices and
/// the first failures, and makes it leave as signals ask (worker/leave.h).
/// `link` is for looking on only: while it does not answer, work goes on.
WorkEnd supervise(const Context& context, worker::Worker& worker, Link& link, const SweepId& sweep,
                  const WorkRules& rules);

/// Whether a sweep is paused because its trials fail, not by a person.
bool paused_itself(const wire::SweepInfo& sweep);

}  // namespace scopa::cli
