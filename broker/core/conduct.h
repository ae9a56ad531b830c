#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "broker/core/trial.h"

namespace scopa::core {

/// Where an attempt runs.
struct Place {
  std::string worker, host;
};

/// Failed attempts in a row, of one worker or of all workers of one host.
struct Streak {
  struct Failure {
    std::uint64_t trial = 0;
    std::uint32_t attempt = 0;
    std::string worker;
  };
  std::uint64_t first = 0;        ///< number of the end with which it began, see Conduct
  std::uint32_t count = 0;        ///< may be more than are remembered
  std::int64_t longest_us = 0;    ///< how long the longest of them ran
  std::vector<Failure> failures;  ///< the latest limits::kStreakRemembered
  bool has_several_workers() const;
};

/// How the attempts of a sweep ended on each worker and host, and who is quarantined for it. Made
/// of events alone, so that a broker that was started again judges as the one before.
///
/// What counts against a worker: oom, crash, user_error, and that it could not start a trainer.
/// What counts for it: a trial that completed with points, was pruned, or diverged. Nothing else
/// counts: nan and time limits are the configuration's, silence and preemption may happen to the
/// best machine. A trial that fails of oom, crash or user_error in two places is to blame itself,
/// and counts against neither.
class Conduct {
 public:
  struct End {
    Place place;
    std::int64_t at_us = 0;
    enum class Kind : std::uint8_t { kSuccess, kFailure, kNeither } kind = Kind::kNeither;
    bool stays = true;  ///< the worker did not leave with it
  };
  struct Quarantine {
    bool is_host = false;
    std::string name;
    std::string host;
    std::string reason;
  };

  /// `attempt` of `trial` has ended as `event` says. Returns what that counts as.
  End::Kind ended(const Trial& trial, const Attempt& attempt, const AttemptEnded& event,
                  std::int64_t at_us);
  void apply(const WorkerQuarantined& event);

  bool is_quarantined(const Place& place) const;
  /// Workers, then hosts, each by name.
  std::vector<Quarantine> quarantined() const;
  /// Null when its last attempt did not fail.
  const Streak* streak_of_worker(const std::string& worker) const;
  const Streak* streak_of_host(const std::string& host) const;
  /// The latest ends, oldest first; the last one has number `ends()`.
  const std::deque<End>& recent() const { return recent_; }
  std::uint64_t ends() const { return ends_; }

 private:
  void exonerate(std::uint64_t trial, const Place& here, const Place& there);

  std::map<std::string, Streak> workers_, hosts_;  // only of those whose last attempt failed
  std::map<std::string, Quarantine> quarantined_workers_, quarantined_hosts_;
  std::deque<End> recent_;
  std::uint64_t ends_ = 0;
};

/// Whether `streak` cannot well be bad luck when of the trials that others ran meanwhile so many
/// failed and so many did not: some did not, and by their rate, (failed + 1) / (all + 2), as many
/// failures in a row have a chance of limits::kQuarantineChance at most.
bool is_beyond_chance(const Streak& streak, std::uint64_t others_failed, std::uint64_t others_not);

}  // namespace scopa::core
