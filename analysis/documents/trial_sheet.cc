#include "analysis/documents/trial_sheet.h"

#include <algorithm>
#include <array>
#include <unordered_set>
#include <utility>

#include "analysis/leaderboard.h"
#include "sdk/base/states.h"
#include "sdk/base/text.h"

namespace scopa::analysis {
namespace {

using Column = TrialSheet::Column;
using Part = TrialSheet::Part;

constexpr std::array<std::pair<Part, std::string_view>, 7> kParts = {{{Part::kLast, ""},
                                                                      {Part::kMin, ".min"},
                                                                      {Part::kMax, ".max"},
                                                                      {Part::kStep, ".step"},
                                                                      {Part::kMinStep, ".min_step"},
                                                                      {Part::kMaxStep, ".max_step"},
                                                                      {Part::kValues, ".values"}}};

/// The names that are there, then those that only some trials have, in the order of appearance.
template <class NamesOf>
std::vector<std::string> all_names(std::vector<std::string> names,
                                   std::span<const wire::TrialInfo> trials, NamesOf names_of) {
  std::unordered_set<std::string> known(names.begin(), names.end());
  for (const wire::TrialInfo& t : trials) {
    for (const auto& each : names_of(t)) {
      if (known.insert(each.name).second) names.push_back(each.name);
    }
  }
  return names;
}

/// Parameters that are no number in some trial.
std::unordered_set<std::string> texts_among(std::span<const wire::TrialInfo> trials) {
  std::unordered_set<std::string> texts;
  double number = 0;
  for (const wire::TrialInfo& t : trials) {
    for (const Param& p : t.params) {
      if (!as_number(p.value, &number)) texts.insert(p.name);
    }
  }
  return texts;
}

const wire::MetricInfo* find_metric(const wire::TrialInfo& t, const std::string& name) {
  const auto found = std::find_if(t.metrics.begin(), t.metrics.end(),
                                  [&](const wire::MetricInfo& m) { return m.name == name; });
  return found == t.metrics.end() ? nullptr : &*found;
}

Value metric_value(const wire::MetricInfo& m, Part part) {
  if (part == Part::kLast) return m.last;
  if (part == Part::kStep) return m.last_step;
  if (part == Part::kValues) return static_cast<std::int64_t>(m.values);
  if (m.values == 0) return {};
  switch (part) {
    case Part::kMin:
      return m.min;
    case Part::kMax:
      return m.max;
    case Part::kMinStep:
      return m.min_step;
    default:
      return m.max_step;
  }
}

}  // namespace

TrialSheet::TrialSheet(const wire::SweepInfo& sweep, std::span<const wire::TrialInfo> trials,
                       std::int64_t now_us)
    : sweep_(&sweep), trials_(trials), now_us_(now_us) {
  for (const auto* t : leaderboard(trials, static_cast<Goal>(sweep.goal))) {
    if (!is_ranked(*t)) break;
    ranks_.emplace(t->trial, static_cast<std::int64_t>(ranks_.size()) + 1);
  }
  for (const OwnField& field : own_fields()) {
    add({std::string(field.name), Column::Kind::kOwn, "", &field, Part::kLast, field.is_number},
        "");
  }
  add({"rank", Column::Kind::kRank, "", nullptr, Part::kLast, true}, "");
  parameters_ = all_names(sweep.parameters, trials,
                          [](const wire::TrialInfo& t) -> const Params& { return t.params; });
  const std::unordered_set<std::string> texts = texts_among(trials);
  for (const std::string& name : parameters_) {
    by_param_.emplace(name, columns_.size());
    add({name, Column::Kind::kParameter, name, nullptr, Part::kLast, !texts.contains(name)},
        "param.");
  }
  metrics_ = all_names(
      sweep.metrics, trials, [](const wire::TrialInfo& t) -> const auto& { return t.metrics; });
  for (const std::string& name : metrics_) {
    by_metric_.emplace(name, columns_.size());
    for (const auto& [part, ending] : kParts) {
      add({name + std::string(ending), Column::Kind::kMetric, name, nullptr, part, true},
          "metric.");
    }
  }
}

void TrialSheet::add(Column column, std::string_view prefix) {
  while (by_name_.contains(column.name)) column.name.insert(0, prefix);
  by_name_.emplace(column.name, columns_.size());
  columns_.push_back(std::move(column));
}

std::vector<Column> TrialSheet::usual_columns() const {
  std::vector<Column> usual;
  std::copy_if(columns_.begin(), columns_.end(), std::back_inserter(usual), [](const Column& c) {
    if (c.kind == Column::Kind::kOwn) return c.own->is_usual;
    return c.kind == Column::Kind::kParameter ||
           (c.kind == Column::Kind::kMetric &&
            (c.part == Part::kLast || c.part == Part::kMin || c.part == Part::kMax));
  });
  return usual;
}

std::vector<std::string> TrialSheet::other_metrics() const {
  std::vector<std::string> others = metrics_;
  std::erase(others, sweep_->metric);
  return others;
}

std::optional<std::size_t> TrialSheet::index_of(const std::string& name) const {
  const auto in = [](const auto& map, const std::string& key) -> std::optional<std::size_t> {
    const auto found = map.find(key);
    return found == map.end() ? std::nullopt : std::optional(found->second);
  };
  if (const auto exact = in(by_name_, name)) return exact;
  if (name == "duration") return in(by_name_, "duration_s");
  constexpr std::string_view kParam = "param.";
  constexpr std::string_view kMetric = "metric.";
  constexpr std::string_view kLast = ".last";
  if (name.starts_with(kParam)) {
    if (const auto found = in(by_param_, name.substr(kParam.size()))) return found;
  }
  if (name.starts_with(kMetric)) {
    if (const auto found = index_of(name.substr(kMetric.size()));
        found && columns_[*found].kind == Column::Kind::kMetric) {
      return found;
    }
  }
  if (name.ends_with(kLast)) return in(by_metric_, name.substr(0, name.size() - kLast.size()));
  return std::nullopt;
}

Result<Column> TrialSheet::find(std::string_view name) const {
  if (const auto index = index_of(std::string(name))) return columns_[*index];
  std::vector<std::string> names;
  for (const Column& column : columns_) names.push_back(column.name);
  const std::string guess = closest_match(name, names);
  constexpr std::size_t kListed = 60;
  std::string known;
  std::size_t listed = 0;
  for (const Column& column : columns_) {
    if (column.kind == Column::Kind::kMetric && column.part != Part::kLast) continue;
    if (listed++ == kListed) {
      known += " …";
      break;
    }
    known += (known.empty() ? "" : ", ") + printable(column.name, 64);
  }
  return Status{Code::kInvalidArgument, "no column `" + printable(name, 64) + "`",
                guess.empty() ? "columns are " + known + ", and of a metric NAME.min and NAME.max"
                              : "did you mean `" + printable(guess, 64) + "`?"};
}

Result<std::vector<Column>> TrialSheet::choose(const std::vector<std::string>& names) const {
  std::vector<Column> chosen;
  for (const std::string& name : names) {
    SCOPA_ASSIGN_OR_RETURN(Column column, find(name));
    chosen.push_back(std::move(column));
  }
  return chosen;
}

std::optional<std::size_t> TrialSheet::meant_by(std::string_view name) const {
  const std::string text(name);
  if (const auto found = by_param_.find(text); found != by_param_.end()) return found->second;
  if (const auto found = by_metric_.find(text); found != by_metric_.end()) return found->second;
  return index_of(text);
}

Value TrialSheet::value(const Column& column, const wire::TrialInfo& trial) const {
  switch (column.kind) {
    case Column::Kind::kRank: {
      const auto found = ranks_.find(trial.trial);
      return found == ranks_.end() ? Value() : Value(found->second);
    }
    case Column::Kind::kOwn:
      return column.own->of(trial, now_us_);
    case Column::Kind::kParameter: {
      const Value* value = find_param(trial.params, column.of);
      return value == nullptr ? Value() : *value;
    }
    case Column::Kind::kMetric:
      break;
  }
  const wire::MetricInfo* metric = find_metric(trial, column.of);
  return metric == nullptr ? Value() : metric_value(*metric, column.part);
}

Value TrialSheet::ranked(const Column& column, const wire::TrialInfo& trial) const {
  if (column.kind == Column::Kind::kOwn && column.name == "value" && trial.has_value) {
    return ranked_value(trial);
  }
  return value(column, trial);
}

}  // namespace scopa::analysis
