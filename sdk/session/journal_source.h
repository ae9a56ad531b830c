#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "sdk/base/time.h"
#include "sdk/journal/journal.h"
#include "sdk/session/attempt_stream.h"
#include "sdk/session/point_source.h"

namespace scopa::session {

/// A journal as the session wants to read it. Notices on the way how its points come.
class JournalSource final : public PointSource {
 public:
  /// `journal` must outlive it.
  explicit JournalSource(journal::Journal* journal) : journal_(journal) {}
  /// The trainer and all that it started are gone.
  void set_writers_gone() {
    writers_gone_ = true;
    journal_->seal();
  }

  std::uint64_t available() const override { return journal_->reserved(); }
  std::uint64_t read(std::uint64_t from, std::size_t records_max, PointBlock* block) override;
  std::optional<CheckpointNote> checkpoint() const override;
  bool saves_checkpoints() const override { return journal_->saves_checkpoints(); }
  std::int64_t resumed() const override { return journal_->resumed(); }
  std::uint64_t dropped() const override { return journal_->dropped(); }
  void add_notes(wire::TrainerNotes* notes) const override;

  /// Whether the first points are of more than one step.
  bool has_several_steps() const;
  /// "; 17 points were dropped ..." for a person; empty: none.
  std::string what_was_lost() const;

 private:
  void watch_steps(const PointBlock& block, std::size_t begin);

  journal::Journal* journal_;
  bool writers_gone_ = false;
  std::uint64_t seen_ = 0;  // records, once each
  // The latest, by metric.
  std::map<std::string, std::optional<std::int64_t>> steps_;
  std::uint64_t backwards_ = 0;
  std::string first_backwards_;
};

/// Whether the points of a trainer that ran from `started` to `ended` came at its very end, the
/// first at `first`: then a pruner has seen nothing of it, as when a program buffers what it
/// writes.
bool came_late(Instant started, Instant first, Instant ended);

/// Makes of how a trainer ended a failure, because of its journal.
void spoil(const std::string& damage, TrialEnd* end);

}  // namespace scopa::session
