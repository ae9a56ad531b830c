#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "broker/core/core.h"
#include "sdk/base/limits.h"

namespace scopa::core {

/// Which suggestions are computed before anybody asks for them, and which asks they answer. Decides
/// only: the one who thinks computes them, by Models::propose(), when nothing else is to be done.
/// Pure; times are of any clock that does not go back. Not thread-safe.
///
/// Of each sweep at most one suggestion lies ready, that of the next number. It is *fresh* while
/// the model has been told nothing else of the sweep: then it is what would be computed for the
/// ask, bit for bit, and answers it. After that it is *overtaken*, and answers an ask that would
/// else wait for more than limits::kAskWaitMax; it then goes under the snapshot on which it rests.
/// One from before a new configuration, a trial that waits again, or a new model is dropped: it
/// could be what somebody else has got.
///
/// How often: once after each end of a trial, since an ask follows. Where a suggestion takes longer
/// than kAskWaitMax, once after each answer instead, so that one lies ready, and again
/// limits::kAheadQuiet after an end that no ask has followed. So there are at most two for each
/// trial handed out, however many points are reported. Where they are overtaken before they are
/// asked for, most ends are left out: each waste in a row doubles how many, up to
/// 2^kAheadWastesMax - 1.
///
///     // in the order in which tasks are decided; a ModelWanted that was answered is done
///     if (auto ready = ahead.hear(task, now)) return answer(*ready);
///     // when it has its turn
///     if (auto ready = ahead.turn(*wanted)) return answer(*ready);
///     answer(*models.perform(*wanted)); ahead.took(wanted->sweep, time);
///     // when all tasks are done
///     if (auto job = ahead.next(now)) ahead.done(*job, models.propose(...), time);
class Ahead {
 public:
  using Time = std::chrono::microseconds;

  struct Job {
    SweepId sweep;
    std::uint64_t suggestion = 0;
    std::uint64_t snapshot = 0;
    std::uint64_t version = 0;  ///< of what the model knows
    Time began{};
    Time expected{};  ///< to take
  };

  /// A task that has been decided. The answer to a ModelWanted, if it need not wait for its turn;
  /// any other task has its turn.
  std::optional<Suggested> hear(const ModelTask& task, Time now);
  /// A ModelWanted that hear() did not answer has its turn: its answer, if it lies ready. They come
  /// in the order in which they were heard.
  std::optional<Suggested> turn(const ModelWanted& wanted);
  /// What computing it took, if it did not.
  void took(const SweepId& sweep, Time time);

  /// What to compute when all tasks are done; `done` must follow.
  std::optional<Job> next(Time now);
  void done(const Job& job, std::optional<Params> params, Time took);
  /// When next() will have something, if nothing is heard until then.
  std::optional<Time> due() const;

 private:
  struct Ready {
    std::uint64_t suggestion = 0;
    std::uint64_t snapshot = 0;
    std::uint64_t version = 0;
    std::optional<Params> params;
  };
  struct Of {
    std::uint64_t version = 0;            // of what has been decided
    std::uint64_t snapshot = 0;           // seq of the entry that it comes from
    std::uint64_t void_before = 0;        // versions: what rests on them answers nobody
    std::optional<std::uint64_t> next;    // suggestion that may be computed
    std::optional<std::uint64_t> wanted;  // that waits for its turn
    std::optional<Ready> ready;
    Time cost{};  // of the last suggestion
    std::optional<Time> due;
    int wastes = 0;           // in a row
    std::uint32_t skips = 0;  // ends to leave out
    bool is_slow() const { return cost > limits::kAskWaitMax; }
  };
  struct Waiting {
    std::uint64_t version = 0;
    Time cost{};
  };

  std::optional<Suggested> want(const ModelWanted& wanted, Time now);
  std::optional<Suggested> answer(const ModelWanted& wanted, Of* of, std::uint64_t version,
                                  Time wait);
  void changed(const ModelChanged& changed, Of* of, Time now);
  void plan(const SweepId& sweep, Of* of, std::optional<Time> due);

  std::unordered_map<SweepId, Of> sweeps_;
  std::set<std::pair<Time, SweepId>> due_;
  std::deque<Waiting> waiting_;
  Time waiting_cost_{};
  std::optional<Job> job_;
  std::uint64_t versions_ = 0;
};

}  // namespace scopa::core
