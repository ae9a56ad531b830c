#include "cli/query.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "sdk/base/limits.h"
#include "sdk/wire/points.h"

namespace scopa::cli {
namespace {

using Ids = std::unordered_map<std::string, std::uint16_t>;

/// The place of a metric's name in `all`.
std::uint16_t id(std::string_view name, Ids* ids, PointBlock* all) {
  const auto next = static_cast<std::uint16_t>(all->metrics.size());
  const auto [it, is_new] = ids->emplace(std::string(name), next);
  if (is_new) all->metrics.emplace_back(name);
  return it->second;
}

/// Appends a block read from the wire. Blocks name their own metrics.
Status append(const std::string& bytes, Ids* ids, PointBlock* all) {
  SCOPA_ASSIGN_OR_RETURN(const wire::PointsView view, wire::PointsView::parse(bytes));
  std::vector<std::uint16_t> id_of;
  for (const std::string_view name : view.metrics()) id_of.push_back(id(name, ids, all));
  for (std::size_t i = 0; i < view.size(); ++i) {
    all->metric.push_back(id_of[view.metric(i)]);
    all->step.push_back(view.step(i));
    all->value.push_back(view.value(i));
    all->time_us.push_back(view.time_us(i));
  }
  return Status::ok();
}

void cut_after(std::int64_t step_max, PointBlock* points) {
  if (step_max == INT64_MAX) return;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < points->size(); ++i) {
    if (points->step[i] > step_max) continue;
    points->metric[kept] = points->metric[i];
    points->step[kept] = points->step[i];
    points->value[kept] = points->value[i];
    points->time_us[kept] = points->time_us[i];
    ++kept;
  }
  points->metric.resize(kept);
  points->step.resize(kept);
  points->value.resize(kept);
  points->time_us.resize(kept);
}

/// All pages of one attempt. Returns the attempt that comes next in the curve; 0 for none.
Result<std::uint32_t> read_attempt(Link& link, wire::GetPoints* get, AttemptPoints* one) {
  Ids ids;
  std::int64_t step_max = INT64_MAX;
  while (true) {
    SCOPA_ASSIGN_OR_RETURN(const wire::PointsReply page, ask<wire::PointsReply>(link, *get));
    // Pages must be of one attempt, though a new one may start between two of them.
    get->attempt = one->attempt = page.attempt;
    if (page.step_max != INT64_MIN) {  // else nothing on it counts
      for (const std::string& block : page.blocks) {
        SCOPA_RETURN_IF_ERROR(append(block, &ids, &one->points));
      }
      // The trial may have gone on from the attempt while we read.
      step_max = std::min(step_max, page.step_max);
    }
    if (page.next_offset <= get->offset) {
      cut_after(step_max, &one->points);
      return page.next_attempt;
    }
    get->offset = page.next_offset;
  }
}

}  // namespace

std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

Result<SweepList> get_sweeps(Link& link, const SweepQuery& query) {
  SweepList list;
  std::unordered_set<SweepId> seen;
  wire::ListSweeps get;
  get.newest_first = true;
  get.project = query.project;
  while (true) {
    const std::uint64_t left = query.most - list.sweeps.size();
    get.limit = std::clamp<std::uint64_t>(left, 1, limits::kPageTrialsMax);
    SCOPA_ASSIGN_OR_RETURN(wire::Sweeps page, ask<wire::Sweeps>(link, get));
    // A broker that knows no pages has all that it tells on one, in the order of creation.
    const bool has_pages = page.total > 0 || page.sweeps.empty();
    if (!has_pages) std::reverse(page.sweeps.begin(), page.sweeps.end());
    list.total = std::max<std::uint64_t>(page.total, page.sweeps.size());
    for (wire::SweepInfo& each : page.sweeps) {
      // Those made since the page before have moved the others down: they come twice.
      if (list.sweeps.size() >= query.most) break;
      if (seen.insert(each.id).second) list.sweeps.push_back(std::move(each));
    }
    get.offset += page.sweeps.size();
    const bool is_all = page.sweeps.empty() || get.offset >= page.total || !has_pages;
    if (is_all || list.sweeps.size() >= query.most) return list;
  }
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

Result<std::vector<AttemptPoints>> get_points(Link& link, const SweepId& sweep,
                                              std::uint64_t trial) {
  std::vector<AttemptPoints> attempts;
  wire::GetPoints get;
  get.sweep = sweep;
  get.trial = trial;
  while (true) {
    AttemptPoints one;
    SCOPA_ASSIGN_OR_RETURN(const std::uint32_t next, read_attempt(link, &get, &one));
    if (one.attempt != 0) attempts.push_back(std::move(one));
    // Attempts follow each other by number: else it would never end.
    if (next <= get.attempt) return attempts;
    get.attempt = next;
    get.offset = 0;
  }
}

PointBlock joined(const std::vector<AttemptPoints>& attempts) {
  PointBlock all;
  std::unordered_map<std::string, std::uint16_t> ids;
  for (const AttemptPoints& one : attempts) {
    std::vector<std::uint16_t> id_of;
    for (const std::string& name : one.points.metrics) id_of.push_back(id(name, &ids, &all));
    for (const std::uint16_t metric : one.points.metric) all.metric.push_back(id_of[metric]);
    const auto append_to = [](auto* to, const auto& more) {
      to->insert(to->end(), more.begin(), more.end());
    };
    append_to(&all.step, one.points.step);
    append_to(&all.value, one.points.value);
    append_to(&all.time_us, one.points.time_us);
  }
  return all;
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
