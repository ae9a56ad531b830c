#include "cli/query.h"

#include <charconv>
#include <chrono>
#include <unordered_map>

#include "sdk/wire/points.h"

namespace scopa::cli {
namespace {

/// Appends a block read from the wire. Blocks name their own metrics.
Status append(const std::string& bytes, std::unordered_map<std::string, std::uint16_t>* ids,
              PointBlock* all) {
  SCOPA_ASSIGN_OR_RETURN(const wire::PointsView view, wire::PointsView::parse(bytes));
  std::vector<std::uint16_t> id_of;
  for (const std::string_view name : view.metrics()) {
    const auto next = static_cast<std::uint16_t>(all->metrics.size());
    const auto [it, is_new] = ids->emplace(std::string(name), next);
    if (is_new) all->metrics.emplace_back(name);
    id_of.push_back(it->second);
  }
  for (std::size_t i = 0; i < view.size(); ++i) {
    all->metric.push_back(id_of[view.metric(i)]);
    all->step.push_back(view.step(i));
    all->value.push_back(view.value(i));
    all->time_us.push_back(view.time_us(i));
  }
  return Status::ok();
}

}  // namespace

std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

Result<wire::SweepInfo> get_sweep(Link& link, const std::string& what,
                                  std::chrono::milliseconds timeout) {
  wire::GetSweep get;
  get.sweep = what;
  SCOPA_ASSIGN_OR_RETURN(wire::SweepReply reply,
                         ask<wire::SweepReply>(link, std::move(get), timeout));
  return std::move(reply.sweep);
}

Result<std::vector<wire::TrialInfo>> get_trials(Link& link, const SweepId& sweep) {
  std::vector<wire::TrialInfo> trials;
  while (true) {
    wire::ListTrials list;
    list.sweep = sweep;
    list.offset = trials.size();
    SCOPA_ASSIGN_OR_RETURN(wire::Trials page, ask<wire::Trials>(link, std::move(list)));
    if (page.trials.empty()) return trials;
    for (wire::TrialInfo& t : page.trials) trials.push_back(std::move(t));
    if (trials.size() >= page.total) return trials;
  }
}

Result<Snapshot> get_snapshot(Link& link, const std::string& what) {
  Snapshot snapshot;
  SCOPA_ASSIGN_OR_RETURN(snapshot.sweep, get_sweep(link, what));
  SCOPA_ASSIGN_OR_RETURN(snapshot.trials, get_trials(link, snapshot.sweep.id));
  snapshot.now_us = now_us();
  snapshot.from_broker = link.is_broker();
  return snapshot;
}

Result<wire::TrialInfo> get_trial(Link& link, const SweepId& sweep, std::uint64_t trial) {
  wire::ListTrials list;
  list.sweep = sweep;
  list.offset = trial;
  list.limit = 1;
  SCOPA_ASSIGN_OR_RETURN(wire::Trials page, ask<wire::Trials>(link, std::move(list)));
  if (page.trials.size() == 1 && page.trials.front().trial == trial) {
    return std::move(page.trials.front());
  }
  const std::string has = page.total == 0
                              ? "it has none yet"
                              : "it has " + std::to_string(page.total) + ", numbered from 0";
  return Status(Code::kNotFound, "sweep " + sweep + " has no trial " + std::to_string(trial), has);
}

Result<PointBlock> get_points(Link& link, const SweepId& sweep, std::uint64_t trial,
                              std::uint32_t attempt, std::uint32_t* attempt_used) {
  PointBlock all;
  std::unordered_map<std::string, std::uint16_t> ids;
  wire::GetPoints get;
  get.sweep = sweep;
  get.trial = trial;
  get.attempt = attempt;
  while (true) {
    SCOPA_ASSIGN_OR_RETURN(wire::PointsReply page, ask<wire::PointsReply>(link, get));
    for (const std::string& block : page.blocks) SCOPA_RETURN_IF_ERROR(append(block, &ids, &all));
    // Pages must be of one attempt, though a new one may start between two of them.
    get.attempt = page.attempt;
    if (attempt_used != nullptr) *attempt_used = page.attempt;
    if (page.next_offset <= get.offset) return all;
    get.offset = page.next_offset;
  }
}

TrialName split_trial_name(const std::string& what) {
  const std::size_t slash = what.rfind('/');
  if (slash == std::string::npos || slash == 0) return {what, std::nullopt};
  std::uint64_t number = 0;
  const char* end = what.data() + what.size();
  const auto parsed = std::from_chars(what.data() + slash + 1, end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end) return {what, std::nullopt};
  return {what.substr(0, slash), number};
}

}  // namespace scopa::cli
