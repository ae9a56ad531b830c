#include "cli/rehearsal_report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

#include "analysis/numbers.h"
#include "broker/pruning/pruner.h"
#include "cli/format.h"
#include "cli/sweep_screen.h"
#include "cli/table.h"
#include "sdk/base/text.h"

namespace scopa::cli {
namespace {

using analysis::Interval;
using rehearsal::Difference;
using rehearsal::Measure;
using rehearsal::Unit;
using rehearsal::Verdict;
using Cell = Table::Cell;

constexpr std::size_t kScheduleRows = 10;
constexpr std::size_t kStopRows = 12;

std::string fixed(double value, int decimals) {
  std::array<char, 400> text{};
  std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  return text.data();
}

std::string exact_interval(const std::optional<Interval>& interval) {
  if (!interval) return "";
  const std::string mean = analysis::shortest(interval->mean);
  if (!interval->has_bounds()) return mean;
  return mean + " (" + analysis::shortest(interval->low) + " … " +
         analysis::shortest(interval->high) + ")";
}

/// "0.0123": as many decimals as tell `half` by two digits.
int decimals_for(double half) {
  return std::clamp(1 - static_cast<int>(std::floor(std::log10(half))), 0, 12);
}

std::string plain_measure(double value, Unit unit) {
  switch (unit) {
    case Unit::kSeconds:
      return value < 0 ? "-" + short_duration(-value) : short_duration(value);
    case Unit::kShare:
      return fixed(100 * value, 0) + " %";
    case Unit::kCount:
      return value == std::floor(value) ? fixed(value, 0) : fixed(value, 1);
    case Unit::kValue:
      break;
  }
  return short_number(value, 6);
}

/// A measure, with how many seeds have it where that is not all.
Cell cell_of(const Measure& measure) {
  const auto interval = measure.over_seeds();
  const std::size_t all = measure.by_seed.size();
  if (!interval) return {all == 1 ? "-" : "in no seed", Table::kNothing, Style::kDim};
  const std::string some = interval->count == all ? ""
                                                  : " in " + std::to_string(interval->count) +
                                                        " of " + std::to_string(all);
  return {interval_text(*interval, measure.unit) + some, exact_interval(interval) + some};
}

/// A row that says nothing: no trial failed, or diverged, in any run of any setting.
bool is_idle(const RehearsalReport& report, std::size_t row) {
  const std::string& key = report.measures[0][row].key;
  if (key != "failed" && key != "diverged") return false;
  return std::all_of(report.measures.begin(), report.measures.end(), [&](const auto& each) {
    const auto& by_seed = each[row].by_seed;
    return std::all_of(by_seed.begin(), by_seed.end(), [](const auto& n) { return n == 0; });
  });
}

std::string measures_text(const RehearsalReport& report, const Terminal& terminal) {
  std::vector<Table::Column> columns = {{"", Table::Align::kLeft, false, true}};
  for (const RehearsalSetting& setting : report.plan.settings) {
    columns.push_back({printable(setting.name, 60), Table::Align::kRight, true});
  }
  Table table(std::move(columns));
  for (std::size_t row = 0; row < report.measures[0].size(); ++row) {
    if (is_idle(report, row)) continue;
    std::vector<Cell> cells = {{report.measures[0][row].label}};
    for (const auto& measures : report.measures) cells.push_back(cell_of(measures[row]));
    table.add(std::move(cells));
  }
  return table.text(terminal);
}

std::string schedule_text(const RehearsalReport& report, const Terminal& terminal) {
  Table table({{"time", Table::Align::kRight, false, true},
               {"best", Table::Align::kRight, false, true},
               {"ended", Table::Align::kRight},
               {"pruned", Table::Align::kRight}});
  for (const rehearsal::Moment& moment :
       rehearsal::schedule(report.outcomes[0], report.plan.budget, kScheduleRows)) {
    const std::size_t all = report.outcomes[0].size();
    Cell best = {"-", Table::kNothing, Style::kDim};
    if (moment.best) {
      best = {interval_text(*moment.best, Unit::kValue), exact_interval(moment.best)};
      if (moment.best->count < all) best.shown += " in " + std::to_string(moment.best->count);
    }
    table.add({{short_duration(moment.seconds), analysis::shortest(moment.seconds)},
               std::move(best),
               {plain_measure(moment.ended, Unit::kCount), analysis::shortest(moment.ended)},
               {plain_measure(moment.pruned, Unit::kCount), analysis::shortest(moment.pruned)}});
  }
  return table.text(terminal);
}

std::string stops_text(const RehearsalReport& report, const Terminal& terminal) {
  const auto pruner = pruning::make_pruner(report.plan.settings[0].file.spec);
  const auto rungs = pruner ? pruner->rungs() : std::vector<std::uint64_t>{};
  const auto stops = rehearsal::stops_by_rung(report.outcomes[0], rungs, kStopRows);
  if (stops.empty()) return "";
  double started = 0;
  for (const auto& run : report.outcomes[0]) {
    started += static_cast<double>(run.started) / static_cast<double>(report.outcomes[0].size());
  }
  Table table({{"after step", Table::Align::kRight, false, true},
               {"trials pruned", Table::Align::kRight, false, true},
               {"of all", Table::Align::kRight}});
  for (const rehearsal::Stops& row : stops) {
    const double share = row.trials / started;
    table.add({{row.first == row.last ? std::to_string(row.first)
                                      : std::to_string(row.first) + "-" + std::to_string(row.last)},
               {plain_measure(row.trials, Unit::kCount), analysis::shortest(row.trials)},
               {plain_measure(share, Unit::kShare), analysis::shortest(share)}});
  }
  return "\n" + table.text(terminal);
}

/// "better by 0.012 ± 0.004", "no difference to be seen: 0.001 ± 0.004".
std::string difference_words(const Difference& d, Unit unit, Goal goal) {
  if (d.verdict == Verdict::kNone) return "no seed has both";
  if (d.verdict == Verdict::kSame) return "the same in every seed";
  const std::string word(rehearsal::word_of(d.verdict, unit, goal));
  if (d.verdict == Verdict::kUnclear) {
    return d.interval->has_bounds()
               ? "no difference that can be told: " + interval_text(*d.interval, unit)
               : plain_measure(d.interval->mean, unit) + ", in one seed: not certain";
  }
  Interval size = *d.interval;
  if (size.mean < 0) size = {-size.mean, -size.high, -size.low, size.count};
  return word + " by " + interval_text(size, unit);
}

Style style_of_verdict(const Difference& d, Unit unit, Goal goal) {
  const auto word = rehearsal::word_of(d.verdict, unit, goal);
  if (word == "better") return Style::kGreen;
  return word == "worse" ? Style::kRed : Style::kPlain;
}

std::string differences_text(const RehearsalReport& report, std::size_t other,
                             const Terminal& terminal) {
  Table table({{printable(report.plan.settings[other].name, 60) + " against " +
                    printable(report.plan.settings[0].name, 60),
                Table::Align::kLeft, true, true},
               {"with 95 % confidence", Table::Align::kLeft, false, true}});
  for (std::size_t row = 0; row < report.measures[0].size(); ++row) {
    const Measure& measure = report.measures[0][row];
    if (measure.unit == Unit::kCount) continue;  // above, and nobody's aim
    const Difference d = rehearsal::difference(measure, report.measures[other][row]);
    std::string exact(rehearsal::word_of(d.verdict, measure.unit, report.plan.goal));
    if (d.interval) exact += " " + exact_interval(d.interval);
    std::string shown = difference_words(d, measure.unit, report.plan.goal);
    const bool some = d.interval && d.interval->count < measure.by_seed.size();
    if (some) shown += " in " + count_of(d.interval->count, "seed");
    table.add({{measure.label},
               {std::move(shown), std::move(exact),
                style_of_verdict(d, measure.unit, report.plan.goal)}});
  }
  return "\n" + table.text(terminal);
}

std::string rehearsal_heading(const RehearsalReport& report, const Terminal& t) {
  const RehearsalPlan& plan = report.plan;
  std::string budget = "until they end";
  if (plan.budget.seconds > 0) {
    budget = short_duration(plan.budget.seconds) + " of virtual time each";
  } else if (plan.budget.trials > 0) {
    budget = count_of(plan.budget.trials, "trial") + " each";
  }
  std::string workers;
  for (const RehearsalSetting& each : plan.settings) {
    const std::string count = std::to_string(each.workers);
    if (workers.find(count) == std::string::npos) workers += (workers.empty() ? "" : ", ") + count;
  }
  const std::string seeds =
      plan.seeds == 1 ? "seed " + std::to_string(plan.first_seed)
                      : std::to_string(plan.seeds) + " seeds (" + std::to_string(plan.first_seed) +
                            " … " + std::to_string(plan.first_seed + plan.seeds - 1) + ")";
  std::string text = labelled("on", printable(report.objective.name, 300), t);
  text += labelled("metric",
                   printable(plan.metric, 60) + ", to " + std::string(name_of(plan.goal)) +
                       (plan.target ? "; target " + short_number(*plan.target) : ""),
                   t);
  text +=
      labelled("rehearsed",
               workers + (workers == "1" ? " worker, " : " workers, ") + seeds + ", " + budget, t);
  text += labelled("shown",
                   plan.seeds == 1 ? "one run: how it varies with the seed is unknown"
                                   : "mean ± half of its 95 % interval",
                   t);
  return text + "\n";
}

/// Settings that had used up their trials before their time.
void remark_early_ends(RehearsalReport* report) {
  const RehearsalPlan& plan = report->plan;
  for (std::size_t i = 0; i < plan.settings.size(); ++i) {
    const std::uint64_t file_cap = plan.settings[i].file.spec.run_cap;
    const std::uint64_t cap = plan.trials > 0 ? plan.trials : file_cap;
    const auto& runs = report->outcomes[i];
    const auto early = std::count_if(runs.begin(), runs.end(), [&](const rehearsal::Outcome& run) {
      return cap > 0 && run.started >= cap && run.seconds < 0.99 * plan.budget.seconds;
    });
    if (early == 0) continue;
    report->remarks.push_back(plan.settings[i].name + " had used up its " + count_of(cap, "trial") +
                              " before the time in " + std::to_string(early) + " of " +
                              count_of(runs.size(), "run") + ": compare with more --trials");
  }
}

}  // namespace

std::string interval_text(const Interval& interval, Unit unit) {
  const std::string mean = plain_measure(interval.mean, unit);
  const double half = interval.half_width();
  if (!interval.has_bounds()) return mean;
  if (half == 0) return mean + " ± 0";
  switch (unit) {
    case Unit::kSeconds:
      return mean + " ± " + short_duration(half);
    case Unit::kShare:
      return fixed(100 * interval.mean, 1) + " ± " + fixed(100 * half, 1) + " %";
    case Unit::kCount:
      return fixed(interval.mean, 1) + " ± " + fixed(half, 1);
    case Unit::kValue:
      break;
  }
  const double size = std::max(std::fabs(interval.mean), half);
  if (size >= 1e9 || half < 1e-9) return mean + " ± " + short_number(half, 2);
  const int decimals = decimals_for(half);
  return fixed(interval.mean, decimals) + " ± " + fixed(half, decimals);
}

RehearsalReport::RehearsalReport(const RehearsalPlan& plan_of, const RehearsalObjective& on,
                                 const RehearsalOutcomes& came)
    : plan(plan_of), objective(on), outcomes(came), remarks(on.remarks) {
  for (const auto& runs : outcomes) {
    measures.push_back(rehearsal::measures_of(runs, plan.budget, plan.target.has_value()));
  }
  remark_early_ends(this);
}

std::string rehearsal_text(const RehearsalReport& report, const Terminal& terminal) {
  std::string text = terminal.out_is_tty ? "\n" + rehearsal_heading(report, terminal) : "";
  text += measures_text(report, terminal);
  if (report.plan.settings.size() > 1) {
    for (std::size_t i = 1; i < report.plan.settings.size(); ++i) {
      text += differences_text(report, i, terminal);
    }
    return text;
  }
  return text + "\n" + schedule_text(report, terminal) + stops_text(report, terminal);
}

}  // namespace scopa::cli
