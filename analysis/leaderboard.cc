#include "analysis/leaderboard.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string_view>
#include <tuple>

#include "sdk/base/text.h"
#include "sdk/base/value.h"

namespace scopa::analysis {
namespace {

bool has_finite_value(const wire::TrialInfo& t) {
  return t.has_value && std::isfinite(ranked_value(t));
}

bool is_no_result(const wire::TrialInfo& t) {
  const auto state = static_cast<TrialState>(t.state);
  return state == TrialState::kFailed || state == TrialState::kDiverged;
}

int group_of(const wire::TrialInfo& t) {
  if (t.replicate > 0) return 3;
  if (!has_finite_value(t)) return 2;
  return is_no_result(t) ? 1 : 0;
}

/// What a column holds for one trial: a number, a text, or nothing.
struct Cell {
  std::optional<double> number;
  std::optional<std::string> text;
  bool missing() const { return !number && !text; }
};

using CellOf = std::function<Cell(const wire::TrialInfo&)>;

Cell number_cell(double value) {
  return std::isnan(value) ? Cell{} : Cell{.number = value, .text = {}};
}

Cell param_cell(const wire::TrialInfo& t, const std::string& name) {
  const Value* value = find_param(t.params, name);
  if (value == nullptr || std::holds_alternative<std::monostate>(*value)) return {};
  double number = 0;
  if (as_number(*value, &number)) return number_cell(number);
  return {.number = {}, .text = to_text(*value)};
}

Cell time_cell(std::int64_t us) { return us == 0 ? Cell{} : number_cell(static_cast<double>(us)); }

CellOf column_cell(const std::string& column) {
  using T = const wire::TrialInfo&;
  if (column == "trial") return [](T t) { return number_cell(static_cast<double>(t.trial)); };
  if (column == "state") {
    return [](T t) {
      return Cell{.number = {}, .text = std::string(name_of(static_cast<TrialState>(t.state)))};
    };
  }
  if (column == "value")
    return [](T t) { return t.has_value ? number_cell(ranked_value(t)) : Cell{}; };
  if (column == "best") return [](T t) { return t.has_value ? number_cell(t.best) : Cell{}; };
  if (column == "steps") {
    return
        [](T t) { return t.values > 0 ? number_cell(static_cast<double>(t.last_step)) : Cell{}; };
  }
  if (column == "duration") {
    return [](T t) {
      const auto seconds = duration_s(t, t.ended_us);
      return seconds ? number_cell(*seconds) : Cell{};
    };
  }
  if (column == "started") return [](T t) { return time_cell(t.started_us); };
  if (column == "ended") return [](T t) { return time_cell(t.ended_us); };
  return {};
}

bool is_parameter(std::span<const wire::TrialInfo> trials, const std::string& name) {
  return std::any_of(trials.begin(), trials.end(), [&](const wire::TrialInfo& t) {
    return find_param(t.params, name) != nullptr;
  });
}

Status no_such_column(std::span<const wire::TrialInfo> trials, const std::string& column) {
  std::vector<std::string> names = {"rank",  "trial",    "state",   "value", "best",
                                    "steps", "duration", "started", "ended"};
  if (!trials.empty()) {
    for (const Param& p : trials.front().params) names.push_back(p.name);
  }
  const std::string guess = closest_match(column, names);
  std::string known;
  for (const std::string& name : names) known += (known.empty() ? "" : ", ") + name;
  return {Code::kInvalidArgument, "no column `" + printable(column, 64) + "` to sort by",
          guess.empty() ? "columns are " + known : "did you mean `" + guess + "`?"};
}

int compare(const Cell& a, const Cell& b) {
  if (a.number && b.number) return *a.number < *b.number ? -1 : *a.number > *b.number ? 1 : 0;
  if (a.number || b.number) return a.number ? -1 : 1;
  return a.text->compare(*b.text);
}

}  // namespace

double ranked_value(const wire::TrialInfo& trial) {
  return trial.mean_count > 1 ? trial.mean : trial.value;
}

bool is_ranked(const wire::TrialInfo& trial) { return group_of(trial) == 0; }

TrialList leaderboard(std::span<const wire::TrialInfo> trials, Goal goal) {
  TrialList list;
  list.reserve(trials.size());
  for (const wire::TrialInfo& t : trials) list.push_back(&t);
  std::sort(list.begin(), list.end(), [goal](const auto* a, const auto* b) {
    const int group_a = group_of(*a);
    const int group_b = group_of(*b);
    if (group_a != group_b) return group_a < group_b;
    const double value_a = ranked_value(*a);
    const double value_b = ranked_value(*b);
    if (group_a < 2 && value_a != value_b) return is_better(goal, value_a, value_b);
    return a->trial < b->trial;
  });
  return list;
}

TrialList best_k(std::span<const wire::TrialInfo> trials, Goal goal, std::size_t k) {
  TrialList list = leaderboard(trials, goal);
  const auto end = std::find_if(list.begin(), list.end(), [](auto* t) { return !is_ranked(*t); });
  list.erase(end, list.end());
  if (list.size() > k) list.resize(k);
  return list;
}

Result<TrialList> sorted_by(std::span<const wire::TrialInfo> trials, Goal goal,
                            const std::string& column) {
  const bool reverse = !column.empty() && column.front() == '-';
  const std::string name = reverse ? column.substr(1) : column;
  TrialList list = leaderboard(trials, goal);
  if (name == "rank") {
    if (reverse) std::reverse(list.begin(), list.end());
    return list;
  }
  CellOf cell = column_cell(name);
  if (!cell) {
    if (!is_parameter(trials, name)) return no_such_column(trials, name);
    cell = [name](const wire::TrialInfo& t) { return param_cell(t, name); };
  }
  std::vector<std::pair<Cell, const wire::TrialInfo*>> keyed;
  keyed.reserve(list.size());
  for (const auto* t : list) keyed.emplace_back(cell(*t), t);
  std::stable_sort(keyed.begin(), keyed.end(), [reverse](const auto& a, const auto& b) {
    if (a.first.missing() || b.first.missing()) return !a.first.missing() && b.first.missing();
    const int order = compare(a.first, b.first);
    return reverse ? order > 0 : order < 0;
  });
  for (std::size_t i = 0; i < keyed.size(); ++i) list[i] = keyed[i].second;
  return list;
}

TrialList without_replicates(TrialList trials) {
  std::erase_if(trials, [](const auto* t) { return t->replicate > 0; });
  return trials;
}

std::optional<double> duration_s(const wire::TrialInfo& trial, std::int64_t now_us) {
  if (trial.started_us == 0) return std::nullopt;
  if (trial.running_us > 0) return static_cast<double>(trial.running_us) / 1e6;
  // Of a broker that does not tell it.
  std::int64_t sum_us = 0;
  for (const wire::AttemptInfo& each : trial.attempts) {
    sum_us += running_us(each, now_us);
  }
  return static_cast<double>(sum_us) / 1e6;
}

std::int64_t running_us(const wire::AttemptInfo& attempt, std::int64_t now_us) {
  if (attempt.started_us == 0) return 0;
  const std::int64_t end_us = attempt.ended_us != 0 ? attempt.ended_us : now_us;
  return std::max<std::int64_t>(0, end_us - attempt.started_us);
}

}  // namespace scopa::analysis
