#include "broker/pruning/rung_board.h"

#include <utility>

#include "broker/pruning/wording.h"
#include "sdk/base/limits.h"

namespace scopa::pruning {

void RankedSplit::insert(const Ranked& entry) {
  const bool is_kept = !kept_.empty() && entry < *kept_.rbegin();
  (is_kept ? kept_ : rest_).insert(entry);
}

void RankedSplit::erase(const Ranked& entry) {
  if (rest_.erase(entry) == 0) kept_.erase(entry);
}

void RankedSplit::keep(std::size_t count) {
  while (kept_.size() > count) {
    rest_.insert(rest_.begin(), kept_.extract(std::prev(kept_.end())));
  }
  while (kept_.size() < count && !rest_.empty()) {
    kept_.insert(kept_.end(), rest_.extract(rest_.begin()));
  }
}

std::vector<Ranked> RankedSplit::all() const {
  std::vector<Ranked> entries(kept_.begin(), kept_.end());
  entries.insert(entries.end(), rest_.begin(), rest_.end());
  return entries;
}

RungBoard::RungBoard(std::vector<std::uint64_t> rungs, Keep keep, std::uint64_t safe_from)
    : rungs_(std::move(rungs)), keep_(std::move(keep)), safe_from_(safe_from), at_(rungs_.size()) {}

bool RungBoard::reach(TrialNumber number, std::int64_t step, double loss) {
  const std::uint64_t index = raw(number);
  if (step < 0 || index >= limits::kTrialsMax) return false;
  if (index >= trials_.size()) trials_.resize(index + 1);
  Trial& trial = trials_[index];
  const std::size_t before = trial.losses.size();
  for (std::size_t i = before; i < rungs_.size(); ++i) {
    if (static_cast<std::uint64_t>(step) < rungs_[i]) break;
    trial.losses.push_back(loss);
    at_[i].insert({loss, index});
    at_[i].keep(keep_(at_[i].size(), i));
  }
  const bool was_safe = trial.is_safe;
  trial.is_safe = was_safe || static_cast<std::uint64_t>(step) >= safe_from_;
  if (trial.losses.size() == before && trial.is_safe == was_safe) return false;
  trial.step = step;
  return true;
}

void RungBoard::forget(TrialNumber number) {
  if (raw(number) >= trials_.size()) return;
  Trial& trial = trials_[raw(number)];
  for (std::size_t i = 0; i < trial.losses.size(); ++i) {
    at_[i].erase({trial.losses[i], raw(number)});
    at_[i].keep(keep_(at_[i].size(), i));
  }
  trial = {};
}

std::optional<RungBoard::Place> RungBoard::last(TrialNumber number) const {
  if (raw(number) >= trials_.size()) return {};
  const Trial& trial = trials_[raw(number)];
  if (trial.losses.empty() || trial.is_safe) return {};
  return Place{trial.losses.size() - 1, {trial.losses.back(), raw(number)}, trial.step};
}

std::vector<Grounds::Place> RungBoard::ranking(
    std::size_t rung, Goal goal, const std::function<bool(const Ranked&)>& goes_on) const {
  std::vector<Grounds::Place> places;
  for (const Ranked& entry : at_[rung].all()) {
    places.push_back({TrialNumber{entry.trial}, as_loss(goal, entry.loss), goes_on(entry)});
  }
  return places;
}

}  // namespace scopa::pruning
