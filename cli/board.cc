#include "cli/board.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "analysis/numbers.h"
#include "cli/format.h"
#include "cli/table.h"
#include "sdk/base/text.h"
#include "sdk/base/value.h"

namespace scopa::cli {
namespace {

using analysis::TrialSheet;

/// In the order of the spec, but those with one and the same value everywhere last.
std::vector<std::string> parameter_columns(const Snapshot& snapshot, const TrialSheet& sheet) {
  std::vector<std::string> names = sheet.parameters();
  const auto is_constant = [&](const std::string& name) {
    const Value* first = nullptr;
    for (const wire::TrialInfo& t : snapshot.trials) {
      const Value* value = find_param(t.params, name);
      if (value == nullptr) return false;
      if (first != nullptr && !(*first == *value)) return false;
      first = value;
    }
    return snapshot.trials.size() > 1;
  };
  std::stable_partition(names.begin(), names.end(), [&](auto& name) { return !is_constant(name); });
  return names;
}

std::unordered_map<const wire::TrialInfo*, std::size_t> ranks(const Snapshot& snapshot) {
  std::unordered_map<const wire::TrialInfo*, std::size_t> rank;
  for (const auto* t : analysis::leaderboard(snapshot.trials, snapshot.goal())) {
    if (analysis::is_ranked(*t)) rank.emplace(t, rank.size() + 1);
  }
  return rank;
}

Table::Cell value_cell(const wire::TrialInfo& t) {
  if (!t.has_value) return {"-", Table::kNothing, Style::kDim};
  const double value = analysis::ranked_value(t);
  return {mean_text(value, t.spread, t.mean_count), analysis::shortest(value), Style::kPlain};
}

/// With "!" where the trainer could not write all points: programs find their number in a column.
Table::Cell steps_cell(const wire::TrialInfo& t) {
  const std::string mark = t.points_dropped > 0 ? "!" : "";
  if (t.values == 0) return {mark.empty() ? "-" : mark, Table::kNothing, Style::kPlain};
  const std::string step = std::to_string(t.last_step);
  return {step + mark, step, mark.empty() ? Style::kPlain : Style::kYellow};
}

/// "failed: oom" for people; programs have the cause in a column of its own.
Table::Cell state_cell(const wire::TrialInfo& t) {
  const auto state = static_cast<TrialState>(t.state);
  const std::string name(name_of(state));
  const std::string cause(name_of(static_cast<Cause>(t.cause)));
  return {cause.empty() ? name : name + ": " + cause, name, style_of(state)};
}

/// Texts that are empty are missing, too.
Table::Cell cell_of(const Value& value, int digits = 4) {
  const auto* text = std::get_if<std::string>(&value);
  const bool missing = std::holds_alternative<std::monostate>(value);
  if (missing || (text != nullptr && text->empty())) {
    return {"-", Table::kNothing, Style::kDim};
  }
  return {short_text(value, digits), analysis::cell_text(value), Style::kPlain};
}

Table::Cell metric_cell(const wire::TrialInfo& t, const std::string& name) {
  const auto found = std::find_if(t.metrics.begin(), t.metrics.end(),
                                  [&](const wire::MetricInfo& m) { return m.name == name; });
  return cell_of(found == t.metrics.end() ? Value() : Value(found->last));
}

}  // namespace

std::string board_of(const TrialSheet& sheet, const std::vector<TrialSheet::Column>& columns,
                     const analysis::TrialList& trials, const Terminal& terminal) {
  std::vector<Table::Column> titles;
  for (const auto& column : columns) {
    titles.push_back({printable(column.name, 60),
                      column.is_number ? Table::Align::kRight : Table::Align::kLeft, true,
                      titles.empty()});
  }
  Table table(std::move(titles));
  table.remedy("fewer --columns");
  for (const auto* t : trials) {
    std::vector<Table::Cell> row;
    for (const auto& column : columns) {
      const Value value = sheet.ranked(column, *t);
      row.push_back(cell_of(value));
      const auto* seconds = std::get_if<double>(&value);
      if (column.name == "duration_s" && seconds != nullptr) {
        row.back().shown = short_duration(*seconds);
      }
      if (column.name == "state") row.back().style = style_of(static_cast<TrialState>(t->state));
    }
    table.add(std::move(row));
  }
  return table.text(terminal);
}

Style style_of(TrialState state) {
  switch (state) {
    case TrialState::kRunning:
      return Style::kGreen;
    case TrialState::kPruned:
    case TrialState::kDiverged:
      return Style::kYellow;
    case TrialState::kFailed:
      return Style::kRed;
    case TrialState::kQueued:
    case TrialState::kCancelled:
      return Style::kDim;
    case TrialState::kCompleted:
      break;
  }
  return Style::kPlain;
}

Style style_of(SweepState state) {
  switch (state) {
    case SweepState::kRunning:
      return Style::kGreen;
    case SweepState::kPaused:
    case SweepState::kStopping:
      return Style::kYellow;
    case SweepState::kCancelled:
      return Style::kDim;
    case SweepState::kFinished:
      break;
  }
  return Style::kPlain;
}

std::string board(const Snapshot& snapshot, const analysis::TrialList& trials,
                  const Terminal& terminal) {
  using Align = Table::Align;
  const bool people = terminal.out_is_tty;
  const std::string metric =
      people && !snapshot.sweep.metric.empty() ? printable(snapshot.sweep.metric, 40) : "value";
  std::vector<Table::Column> columns = {
      {people ? "#" : "rank", Align::kRight, false, true},
      {"trial", Align::kRight, false, true},
      {"state", Align::kLeft, false, true},
      {metric, Align::kRight, true, true},
      {"steps", Align::kRight, false, false},
      {people ? "time" : "duration_s", Align::kRight, false, false},
  };
  if (!people) columns.push_back({"cause", Align::kLeft, false, false});
  const bool spread_apart = !people && snapshot.sweep.replicates > 1;
  if (spread_apart) {
    columns.push_back({"runs", Align::kRight, false, false});
    columns.push_back({"spread", Align::kRight, false, false});
  }
  const bool drops_apart = !people && snapshot.sweep.points_dropped > 0;
  if (drops_apart) columns.push_back({"points_dropped", Align::kRight, false, false});
  const TrialSheet sheet(snapshot.sweep, snapshot.trials, snapshot.now_us);
  const std::vector<std::string> names = parameter_columns(snapshot, sheet);
  const std::vector<std::string> metrics = sheet.other_metrics();
  for (const std::string& name : names) {
    columns.push_back({printable(name, 60), Align::kRight, true, false});
  }
  for (const std::string& name : metrics) {
    columns.push_back({printable(name, 60), Align::kRight, true, false});
  }
  Table table(std::move(columns));
  table.remedy("--columns A,B");
  const auto rank = ranks(snapshot);
  for (const auto* t : analysis::without_replicates(trials)) {
    const auto place = rank.find(t);
    const bool first = place != rank.end() && place->second == 1;
    const auto seconds = analysis::duration_s(*t, snapshot.now_us);
    std::vector<Table::Cell> row = {
        place == rank.end() ? Table::Cell{"-", Table::kNothing, Style::kDim}
                            : Table::Cell{std::to_string(place->second), "", Style::kDim},
        {std::to_string(t->trial), "", Style::kPlain},
        state_cell(*t),
        value_cell(*t),
        steps_cell(*t),
        {seconds ? short_duration(*seconds) : "-",
         seconds ? analysis::shortest(*seconds) : Table::kNothing, Style::kPlain},
    };
    if (first) row[3].style = Style::kBold;
    if (!people) row.push_back(cell_of(std::string(name_of(static_cast<Cause>(t->cause)))));
    if (spread_apart) {
      row.push_back(
          {"", t->mean_count > 0 ? std::to_string(t->mean_count) : Table::kNothing, Style::kPlain});
      row.push_back(
          {"", t->mean_count > 1 ? analysis::shortest(t->spread) : Table::kNothing, Style::kPlain});
    }
    if (drops_apart) row.push_back({"", std::to_string(t->points_dropped), Style::kPlain});
    for (const std::string& name : names) {
      const Value* value = find_param(t->params, name);
      row.push_back(cell_of(value == nullptr ? Value() : *value, 3));
    }
    for (const std::string& name : metrics) row.push_back(metric_cell(*t, name));
    table.add(std::move(row));
  }
  return table.text(terminal);
}

std::string title_of(const wire::SweepInfo& sweep) {
  if (sweep.name.empty() || sweep.name == sweep.id) return sweep.id;
  return printable(sweep.name, 60) + " (" + sweep.id + ")";
}

std::string counts_text(const wire::SweepInfo& sweep) {
  const wire::StateCounts& c = sweep.counts;
  const std::uint64_t ended = c.total() - c.queued - c.running;
  std::string out;
  if (sweep.replicates > 1) {
    out = sweep.run_cap > 0 ? std::to_string(sweep.configurations) + " of " +
                                  count_of(sweep.run_cap, "configuration")
                            : count_of(sweep.configurations, "configuration");
    out += " begun, " + count_of(ended, "run") + " ended";
  } else {
    out = sweep.run_cap > 0
              ? std::to_string(ended) + " of " + count_of(sweep.run_cap, "trial") + " ended"
              : count_of(ended, "trial") + " ended";
  }
  auto add = [&out, first = true](std::uint64_t n, const char* what) mutable {
    if (n == 0) return;
    out += (first ? ": " : ", ") + std::to_string(n) + " " + what;
    first = false;
  };
  add(c.completed, "completed");
  add(c.pruned, "pruned");
  add(c.diverged, "diverged");
  add(c.failed, "failed");
  add(c.cancelled, "cancelled");
  add(c.running, "running");
  add(c.queued, "queued");
  return out;
}

Reason split_reason(const std::string& reason) {
  const std::size_t colon = reason.find(": ");
  if (colon == std::string::npos) return {reason, ""};
  std::string output = reason.substr(colon + 2);
  output.erase(output.find_last_not_of(" \n") + 1);
  return {reason.substr(0, colon), output};
}

std::string Reason::in_a_line() const {
  const std::size_t line = output.rfind('\n');
  const std::string last = line == std::string::npos ? output : output.substr(line + 1);
  return last.empty() ? what : what + ": " + last;
}

std::string headline(const wire::SweepInfo& sweep, const Terminal& t) {
  const auto state = static_cast<SweepState>(sweep.state);
  const std::string line = "  " + styled(title_of(sweep), Style::kBold, t.out_color) + "  " +
                           styled(name_of(state), style_of(state), t.out_color) + ", " +
                           counts_text(sweep);
  return cut_to_width(line, static_cast<std::size_t>(t.columns)) + "\n";
}

}  // namespace scopa::cli
