#include "sdk/session/journal_source.h"

#include <sysexits.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "sdk/base/limits.h"
#include "sdk/base/text.h"

namespace scopa::session {
namespace {

/// Of a shorter run nobody expects anything in between.
constexpr std::chrono::milliseconds kLateRun{1000};
/// The end of a run: a twentieth of it.
constexpr int kLateShare = 20;
/// Metrics whose steps are watched.
constexpr std::size_t kWatchedMax = 64;

void cut(std::vector<std::string>* list) {
  if (list->size() > limits::kTrainerNotesMax) list->resize(limits::kTrainerNotesMax);
}

}  // namespace

std::uint64_t JournalSource::read(std::uint64_t from, std::size_t records_max, PointBlock* block) {
  const std::size_t begin = block->size();
  const std::uint64_t to = journal_->read(from, records_max, writers_gone_, block);
  // What is read again after a lost report has been looked at.
  if (from >= seen_ && to > from) {
    watch_steps(*block, begin);
    seen_ = to;
  }
  return to;
}

void JournalSource::watch_steps(const PointBlock& block, std::size_t begin) {
  std::vector<std::optional<std::int64_t>*> latest(block.metrics.size(), nullptr);
  for (std::size_t i = 0; i < latest.size(); ++i) {
    const auto known = steps_.find(block.metrics[i]);
    if (known != steps_.end()) {
      latest[i] = &known->second;
    } else if (steps_.size() < kWatchedMax) {
      latest[i] = &steps_[block.metrics[i]];
    }
  }
  for (std::size_t i = begin; i < block.size(); ++i) {
    if (latest[block.metric[i]] == nullptr) continue;
    const auto before = std::exchange(*latest[block.metric[i]], block.step[i]);
    if (!before || block.step[i] >= *before || ++backwards_ > 1) continue;
    first_backwards_ = "steps of `" + printable(block.metrics[block.metric[i]], 64) +
                       "` go backwards: " + std::to_string(block.step[i]) + " after " +
                       std::to_string(*before);
  }
}

std::optional<CheckpointNote> JournalSource::checkpoint() const {
  const auto saved = journal_->checkpoint();
  if (!saved) return std::nullopt;
  return CheckpointNote{saved->step, saved->records, journal_->header().checkpoint};
}

void JournalSource::add_notes(wire::TrainerNotes* notes) const {
  journal::ParamUse use = journal_->param_use();
  // One that has logged nothing may have ended before it came to ask.
  if (journal_->reserved() > 0) notes->unread = std::move(use.unread);
  notes->asked = std::move(use.asked);
  notes->errors = std::move(use.errors);
  cut(&notes->unread);
  cut(&notes->asked);
  cut(&notes->errors);
  if (backwards_ > 0 && notes->left_out_why.empty()) {
    notes->left_out_why = first_backwards_;
    if (backwards_ > 1) notes->left_out_why += ", " + std::to_string(backwards_) + " times";
  }
}

bool JournalSource::has_several_steps() const {
  PointBlock block;
  journal_->read(0, limits::kReportPointsMax, writers_gone_, &block);
  return std::any_of(block.step.begin(), block.step.end(),
                     [&](std::int64_t step) { return step != block.step.front(); });
}

std::string JournalSource::what_was_lost() const {
  const std::uint64_t points = dropped();
  if (points == 0) return {};
  return "; " + std::to_string(points) +
         (points == 1 ? " point was dropped" : " points were dropped") +
         ": no room for the journal, or names that it does not take";
}

bool came_late(Instant started, Instant first, Instant ended) {
  const auto ran = ended - started;
  return ran >= kLateRun && (ended - first) * kLateShare <= ran;
}

void spoil(const std::string& damage, TrialEnd* end) {
  if (end->outcome == wire::Outcome::kKilled) end->outcome = wire::Outcome::kSignaled;
  if (end->outcome != wire::Outcome::kSignaled && end->exit_code == 0) end->exit_code = EX_IOERR;
  end->ran_to_end = false;
  end->interrupted = false;
  end->cause = Cause::kUserError;
  end->message = damage + (end->message.empty() ? "" : "\n" + end->message);
}

}  // namespace scopa::session
