#include "cli/supervise.h"

#include <atomic>
#include <set>
#include <thread>
#include <utility>

#include "analysis/progress.h"
#include "cli/board.h"
#include "cli/broker_state.h"
#include "cli/interrupt.h"
#include "cli/progress_line.h"
#include "cli/query.h"
#include "sdk/base/text.h"

namespace scopa::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kTick{50};
constexpr std::chrono::milliseconds kLookTimeout{1000};
constexpr std::size_t kFailuresTold = 3;

/// "L053 `lr`": a notice is told once, also where its numbers change later.
std::string subject_of(const std::string& notice) { return notice.substr(0, notice.find(": ")); }

/// What a person watches while the worker works.
class Onlooker {
 public:
  Onlooker(const Context& context, Link& link, SweepId sweep, bool tells_trials)
      : context_(context),
        link_(link),
        sweep_(std::move(sweep)),
        tells_trials_(tells_trials),
        line_(context) {}

  /// False when nobody answers.
  bool look() {
    auto info = get_sweep(link_, sweep_, kLookTimeout);
    if (!info) return false;
    if (!seen_) {
      seen_ = true;
      looked_ = Clock::now();
      ended_before_ = ended_trials(*info);
      for (const std::string& notice : info->notices) told_.insert(subject_of(notice));
      failures_seen_ = info->counts.failed;
    }
    note_time(*info);
    info_ = std::move(*info);
    tell_news();
    tell_trouble();
    draw();
    return true;
  }

  const wire::SweepInfo& info() const { return info_; }
  LiveLine& line() { return line_; }
  void finish() {
    line_.clear();
    if (tells_trials_ && seen_) {
      line_.last(progress_line(info_, std::nullopt, 1000, false), state_text());
    }
  }
  void tell(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) line_.say(line + "\n");
  }

 private:
  /// What is left is estimated from the time in which trials ran: a pause says nothing of it.
  void note_time(const wire::SweepInfo& info) {
    const auto stood_still = [](const wire::SweepInfo& s) {
      return static_cast<SweepState>(s.state) == SweepState::kPaused && s.counts.running == 0;
    };
    const Clock::time_point now = Clock::now();
    if (!stood_still(info_) && !stood_still(info)) at_work_ += now - looked_;
    looked_ = now;
  }

  void tell_trouble() {
    const auto broker = get_broker(link_, kLookTimeout);
    const bool is_troubled = broker && !broker->trouble.empty();
    if (is_troubled == std::exchange(troubled_, is_troubled)) return;
    line_.say(is_troubled ? trouble_line(broker, context_.terminal.err_color)
                          : "the broker writes to its store again\n");
  }

  void tell_news() {
    const bool color = context_.terminal.err_color;
    for (const std::string& notice : info_.notices) {
      if (!told_.insert(subject_of(notice)).second) continue;
      line_.say(styled("note", Style::kYellow, color) + ": " + printable(notice, 600) + "\n");
    }
    if (info_.counts.failed <= failures_seen_) return;
    failures_seen_ = info_.counts.failed;
    if (tells_trials_ && failures_told_ < kFailuresTold) tell_failure(color);
  }

  /// The failed trial with the latest end: the counts do not say which one is new.
  void tell_failure(bool color) {
    const auto trials = get_trials(link_, sweep_);
    if (!trials) return;
    const wire::TrialInfo* latest = nullptr;
    for (const wire::TrialInfo& t : *trials) {
      if (static_cast<TrialState>(t.state) != TrialState::kFailed) continue;
      if (latest == nullptr || t.ended_us > latest->ended_us) latest = &t;
    }
    if (latest == nullptr) return;
    ++failures_told_;
    const std::string reason = split_reason(latest->reason).in_a_line();
    line_.say(styled("failed", Style::kRed, color) + ": trial " + std::to_string(latest->trial) +
              ": " + printable(reason, 300) + "\n");
  }

  std::string state_text() const {
    const wire::StateCounts& c = info_.counts;
    return std::to_string(info_.state) + " " + std::to_string(c.completed) + " " +
           std::to_string(c.pruned) + " " + std::to_string(c.failed) + " " +
           std::to_string(c.cancelled) + " " + std::to_string(c.diverged);
  }

  void draw() {
    if (!tells_trials_ && !line_.is_live()) return;
    const std::uint64_t ended = ended_trials(info_) - std::min(ended_before_, ended_trials(info_));
    const double seconds = std::chrono::duration<double>(at_work_).count();
    const auto left = analysis::remaining(ended, seconds, trials_left(info_));
    line_.update(progress_line(info_, left, line_.width(), context_.terminal.err_color),
                 progress_line(info_, left, 1000, false), state_text(), Clock::now());
  }

  const Context& context_;
  Link& link_;
  SweepId sweep_;
  bool tells_trials_;
  LiveLine line_;
  bool seen_ = false;
  bool troubled_ = false;
  Clock::time_point looked_;
  Clock::duration at_work_{};
  std::uint64_t ended_before_ = 0;
  std::set<std::string> told_;  // the subjects of the notices
  std::uint64_t failures_seen_ = 0;
  std::size_t failures_told_ = 0;
  wire::SweepInfo info_;
};

/// A worker whose own lines are shown says the rest itself.
std::string leave_text(worker::Leave how, const WorkRules& rules) {
  if (rules.lines != nullptr) {
    return how != worker::Leave::kDrain ? ""
                                        : "Ctrl-C again gives running trials back to the queue\n";
  }
  const std::string go_on = rules.go_on.empty() ? "" : "\ngo on later with `" + rules.go_on + "`";
  if (how == worker::Leave::kDrain) {
    return "no new trials; those running end first (Ctrl-C again gives them back to the queue)" +
           go_on + "\n";
  }
  if (how == worker::Leave::kAtOnce) return "running trials end at once" + go_on + "\n";
  if (how == worker::Leave::kNow) return "running trials go back to the queue" + go_on + "\n";
  return "running trials save a checkpoint, if they can, and go back to the queue" + go_on + "\n";
}

}  // namespace

void Lines::push(std::string_view line) {
  const std::lock_guard lock(mutex_);
  lines_.emplace_back(line);
}

std::vector<std::string> Lines::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(lines_, {});
}

bool paused_itself(const wire::SweepInfo& sweep) {
  return static_cast<SweepState>(sweep.state) == SweepState::kPaused &&
         sweep.reason.find("by user") == std::string::npos;
}

WorkEnd supervise(const Context& context, worker::Worker& worker, Link& link, const SweepId& sweep,
                  const WorkRules& rules) {
  Interrupts interrupts;
  WorkEnd end;
  std::atomic<bool> done = false;
  std::thread thread([&] {
    end.status = worker.run();
    done = true;
  });
  Onlooker onlooker(context, link, sweep, rules.lines == nullptr);
  worker::Leave obeyed = worker::Leave::kNot;
  bool ending = false;
  auto next_look = Clock::now();
  while (!done) {
    if (rules.lines != nullptr) onlooker.tell(rules.lines->take());
    if (Clock::now() >= next_look) {
      onlooker.look();
      next_look = Clock::now() + rules.poll;
      if (rules.leave_when_paused_by_failures && !ending && paused_itself(onlooker.info())) {
        end.paused_itself = ending = true;
        worker.drain();
      }
    }
    if (rules.must_end && !ending && rules.must_end()) {
      ending = true;
      worker.stop();
    }
    if (const worker::Leave how = interrupts.leave(); how > obeyed) {
      onlooker.line().say(leave_text(how, rules));
      worker.leave(how);
      obeyed = how;
    }
    std::this_thread::sleep_for(kTick);
  }
  thread.join();
  if (rules.lines != nullptr) onlooker.tell(rules.lines->take());
  onlooker.look();
  onlooker.finish();
  // A signal that came when all was done anyway ended nothing.
  const bool all_done = has_ended(static_cast<SweepState>(onlooker.info().state));
  end.interrupted = obeyed != worker::Leave::kNot && !all_done ? interrupts.exit_code() : 0;
  end.totals = worker.totals();
  return end;
}

}  // namespace scopa::cli
