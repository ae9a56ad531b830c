#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/base/ids.h"
#include "sdk/journal/journal.h"
#include "sdk/session/journal_place.h"
#include "sdk/session/runner.h"

namespace scopa::session {

/// An attempt that a dead worker of this user has left on this machine, and that is ours now.
struct LeftAttempt {
  JournalPlace place;
  std::unique_ptr<journal::Journal> journal;
  bool runs = false;  ///< something of its trainer's process group (place.owner()) lives
};

/// How a trainer ended as far as its journal tells, when nobody has waited for it: by its exit code
/// where the SDK noted one, else well when it said that training is complete, else not known, and
/// then the trial is tried again (Cause::kNode). `stopped`: it had been told to.
TrialEnd end_by_journal(const journal::Journal& journal, bool stopped);

/// One line, for JournalPlace::note_end().
std::string end_text(const TrialEnd& end);
std::optional<TrialEnd> end_from(const std::string& text);

/// How a trainer that is gone ended: as its worker noted, else by its journal.
TrialEnd end_of(const LeftAttempt& left);

struct LeftoverQuery {
  std::string memory_root;
  SweepId sweep;         ///< these attempts are taken,
  std::string endpoint;  ///< and those of this broker
  bool running = true;   ///< also those whose trainer runs
  std::size_t max = 0;
};

/// Takes over what dead workers left. Attempts of other brokers are left alone for
/// limits::kOrphanMax after they are first seen, then ended and removed, and so is at once what is
/// no journal; what belongs to a living worker or to another container is not touched. `tell` gets
/// a line for each that is left alone or ended. Workers that start at once look one after the other
/// (limits::kLookingTurnMax at most): none passes by what is its own because another looks at it.
std::vector<LeftAttempt> take_leftovers(const LeftoverQuery& query,
                                        const std::function<void(const std::string&)>& tell);

/// An attempt whose trainer is gone, to be delivered.
class EndedExecution final : public Execution {
 public:
  explicit EndedExecution(LeftAttempt left) : left_(std::move(left)) {}
  journal::Journal& journal() override { return *left_.journal; }
  void wait_fds(std::vector<int>*) const override {}
  std::optional<TrialEnd> poll(Instant) override { return std::nullopt; }
  std::optional<Instant> next_deadline() const override { return std::nullopt; }
  void stop(StopReason, Instant, std::chrono::microseconds) override {}
  void forget() override { left_.place.remove(); }

 private:
  LeftAttempt left_;
};

}  // namespace scopa::session
