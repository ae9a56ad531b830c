#include <algorithm>
#include <utility>

#include "broker/core/answers.h"
#include "broker/core/state.h"
#include "sdk/base/text.h"

namespace scopa::core {

Result<SweepId> Core::State::find_sweep(const std::string& what) const {
  if (what == "@last") {
    if (order_.empty()) {
      return Status{Code::kNotFound, "there is no sweep yet",
                    "create one: `scopa create sweep.yaml`"};
    }
    return order_.back();
  }
  if (sweeps_.contains(what)) return what;
  std::vector<SweepId> by_prefix;
  std::vector<std::string> known;
  for (auto it = order_.rbegin(); it != order_.rend(); ++it) {
    const Sweep& each = *sweep(*it);
    if (each.name == what) return *it;
    if (!what.empty() && it->starts_with(what)) by_prefix.push_back(*it);
    known.push_back(*it);
    known.push_back(each.name);
  }
  if (by_prefix.size() == 1) return by_prefix.front();
  const std::string shown = printable(what, 64);
  if (by_prefix.size() > 1) {
    return Status{Code::kNotFound,
                  std::to_string(by_prefix.size()) + " sweeps begin with `" + shown + "`",
                  "type more of the id; `scopa ls` lists them"};
  }
  SCOPA_RETURN_IF_ERROR(was_removed(what));
  const std::string meant = closest_match(what, known);
  return Status{Code::kNotFound, "no sweep `" + shown + "`",
                (meant.empty() ? "" : "did you mean `" + meant + "`? ") + "`scopa ls` lists " +
                    std::to_string(order_.size())};
}

// Not before the latest event: whoever only reads may have a clock that is behind.
Instant Core::State::now_for(const Sweep& target) const {
  return std::max(now_, from_unix_us(target.updated_us));
}

wire::SweepInfo Core::State::info(const Sweep& target) const {
  constexpr std::chrono::seconds kActive{60};
  wire::SweepInfo info = target.info(now_for(target));
  for (const auto& [name, worker] : workers_) {
    if (worker.connected && worker.sweep == target.id && now_ - worker.last_seen < kActive) {
      ++info.workers;
    }
  }
  return info;
}

Result<wire::SweepInfo> Core::State::sweep_info(const SweepId& id) const {
  const Sweep* target = sweep(id);
  if (target == nullptr) return Status{Code::kNotFound, "no sweep `" + printable(id, 64) + "`"};
  return info(*target);
}

Result<const Trial*> Core::State::find_trial(const SweepId& id, TrialNumber number) const {
  const Sweep* target = sweep(id);
  const Trial* trial = target == nullptr ? nullptr : target->find(raw(number));
  if (trial != nullptr) return trial;
  return Status{Code::kNotFound, "no trial " + std::to_string(raw(number)) + " in sweep `" +
                                     printable(id, 64) + "`"};
}

Result<std::vector<CurvePiece>> Core::State::curve_pieces(const SweepId& id,
                                                          TrialNumber number) const {
  SCOPA_ASSIGN_OR_RETURN(const Trial* trial, find_trial(id, number));
  if (trial->attempts.empty()) return std::vector<CurvePiece>{};
  return Sweep::curve_pieces(*trial, trial->attempts.back());
}

Result<CountedPoints> Core::State::counted_points(const SweepId& id, TrialNumber number,
                                                  std::uint32_t which) const {
  SCOPA_ASSIGN_OR_RETURN(const std::vector<CurvePiece> pieces, curve_pieces(id, number));
  CountedPoints counted;
  counted.attempt = which != 0 || pieces.empty() ? which : pieces.front().attempt;
  if (counted.attempt == 0) return counted;
  SCOPA_ASSIGN_OR_RETURN(const Trial* trial, find_trial(id, number));
  const Attempt* attempt = trial->attempt(counted.attempt);
  if (attempt == nullptr) {
    return Status{Code::kNotFound, "trial " + printable(id, 64) + "/" +
                                       std::to_string(raw(number)) + " has no attempt " +
                                       std::to_string(counted.attempt)};
  }
  const auto piece = std::find_if(pieces.begin(), pieces.end(), [&](const CurvePiece& each) {
    return each.attempt == counted.attempt;
  });
  if (piece == pieces.end()) return counted;
  counted.step_max = piece->step_max;
  if (piece + 1 != pieces.end()) counted.next_attempt = (piece + 1)->attempt;
  if (!attempt->is_live() && attempt->points > attempt->points_at_end) {
    counted.up_to = attempt->points_at_end;
  }
  return counted;
}

void Core::State::on(ClientId from, wire::ListSweeps& query) {
  std::vector<const Sweep*> matching;
  matching.reserve(order_.size());
  for (const SweepId& id : order_) {
    const Sweep* each = sweep(id);
    if (query.project.empty() || each->project == query.project) matching.push_back(each);
  }
  if (query.newest_first) std::reverse(matching.begin(), matching.end());
  wire::Sweeps reply;
  reply.request = query.request;
  reply.total = matching.size();
  const auto [first, last] = answers::page(query.offset, query.limit, reply.total);
  std::size_t bytes = 0;
  for (std::uint64_t i = first; i < last; ++i) {
    wire::SweepInfo listed = info(*matching[i]);
    answers::shorten(&listed);
    bytes += answers::fit(&listed);
    if (bytes > limits::kPageBytes && !reply.sweeps.empty()) break;
    reply.sweeps.push_back(std::move(listed));
  }
  send(from, std::move(reply));
}

void Core::State::on(ClientId from, wire::GetSweep& query) {
  const auto id = find_sweep(query.sweep);
  if (!id) return refuse(from, query.request, id.status());
  const Sweep& target = *sweep(*id);
  wire::SweepReply reply;
  reply.request = query.request;
  reply.sweep = info(target);
  answers::fit(&reply.sweep);
  if (query.with_spec) reply.spec = target.file->text;
  reply.file_name = target.file_name;
  send(from, std::move(reply));
}

void Core::State::on(ClientId from, wire::ListTrials& query) {
  const auto id = find_sweep(query.sweep);
  if (!id) return refuse(from, query.request, id.status());
  const Sweep& target = *sweep(*id);
  wire::Trials reply;
  reply.request = query.request;
  reply.total = target.trials().size();
  const auto [first, last] = answers::page(query.offset, query.limit, reply.total);
  std::size_t bytes = 0;
  for (std::uint64_t number = first; number < last; ++number) {
    wire::TrialInfo listed = target.trial_info(*target.find(number), now_for(target));
    // Who asks for one trial wants to read all of it.
    if (query.limit != 1) answers::shorten(&listed);
    bytes += answers::fit(&listed);
    if (bytes > limits::kPageBytes && !reply.trials.empty()) break;
    reply.trials.push_back(std::move(listed));
  }
  send(from, std::move(reply));
}

}  // namespace scopa::core
