#include <algorithm>
#include <utility>

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
  const std::string meant = closest_match(what, known);
  return Status{Code::kNotFound, "no sweep `" + shown + "`",
                (meant.empty() ? "" : "did you mean `" + meant + "`? ") + "`scopa ls` lists " +
                    std::to_string(order_.size())};
}

wire::SweepInfo Core::State::info(const Sweep& target) const {
  constexpr std::chrono::seconds kActive{60};
  wire::SweepInfo info = target.info(std::max(now_, from_unix_us(target.updated_us)));
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

Result<wire::AttemptRef> Core::State::latest_attempt(const SweepId& id, TrialNumber number) const {
  SCOPA_ASSIGN_OR_RETURN(const Trial* trial, find_trial(id, number));
  return wire::AttemptRef{id, trial->number,
                          trial->attempts.empty() ? 0 : trial->attempts.back().number};
}

void Core::State::on(ClientId from, wire::ListSweeps& query) {
  wire::Sweeps reply;
  reply.request = query.request;
  for (const SweepId& id : order_) {
    if (reply.sweeps.size() >= limits::kPageTrialsMax) break;
    reply.sweeps.push_back(info(*sweep(id)));
    // A list of many sweeps must fit a frame: the details are GetSweep's.
    wire::SweepInfo& listed = reply.sweeps.back();
    listed.metrics.clear();
    listed.parameters.clear();
    if (listed.quarantined.size() > 1) listed.quarantined.resize(1);
    if (listed.notices.size() > 1)
      listed.notices.erase(listed.notices.begin(), listed.notices.end() - 1);
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
  if (query.with_spec) reply.spec = target.spec_text;
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
  const std::uint64_t limit = query.limit == 0
                                  ? limits::kPageTrialsMax
                                  : std::min<std::uint64_t>(query.limit, limits::kPageTrialsMax);
  const std::uint64_t first = std::min(query.offset, reply.total);
  const std::uint64_t last = first + std::min(limit, reply.total - first);
  std::size_t bytes = 0;
  for (std::uint64_t number = first; number < last; ++number) {
    reply.trials.push_back(target.trial_info(*target.find(number)));
    // A page of trials with long reasons or large parameters must still fit a frame.
    bytes += 512 + to_json(reply.trials.back().params).size() + reply.trials.back().reason.size();
    for (const auto& attempt : reply.trials.back().attempts) bytes += 256 + attempt.ended.size();
    if (bytes > limits::kFrameBytesMax / 2) break;
  }
  send(from, std::move(reply));
}

}  // namespace scopa::core
