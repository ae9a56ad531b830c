#include "cli/sweep_screen.h"

#include <algorithm>
#include <cmath>

#include "analysis/leaderboard.h"
#include "analysis/progress.h"
#include "analysis/savings.h"
#include "cli/board.h"
#include "cli/failures.h"
#include "cli/format.h"
#include "cli/progress_line.h"
#include "sdk/base/text.h"

namespace scopa::cli {
namespace {

constexpr std::size_t kRungsShown = 6;

std::string search_text(const Snapshot& snapshot) {
  const wire::SweepInfo& s = snapshot.sweep;
  std::string out = s.method + " over " + count_of(s.parameters.size(), "parameter");
  if (!s.pruner.empty()) {
    out += ", " + s.pruner;
    // The rungs above what trials reach say nothing.
    std::uint64_t longest = 0;
    const bool counts_values = s.pruner == "hyperband";
    for (const wire::TrialInfo& t : snapshot.trials) {
      if (t.values == 0) continue;
      const auto step = static_cast<std::uint64_t>(std::max<std::int64_t>(t.last_step, 0));
      longest = std::max(longest, counts_values ? t.values : step);
    }
    for (std::size_t i = 0; i < s.rungs.size() && i < kRungsShown; ++i) {
      if (i > 0 && longest > 0 && s.rungs[i] > longest) break;
      out += (i == 0 ? " at " : ", ") + std::to_string(s.rungs[i]);
    }
  }
  if (!s.reduce.empty() && s.reduce != "last") out += ", reduce " + s.reduce;
  if (s.replicates > 1) out += ", " + count_of(s.replicates, "run") + " of a configuration";
  return out + ", seed " + std::to_string(s.seed);
}

/// "3.2 of 48 device-hours, 5h12m of 12h00m wall time"; empty without a budget.
std::string budget_text(const wire::SweepInfo& s) {
  const auto hours = [](std::int64_t us) { return static_cast<double>(us) / 3.6e9; };
  std::string out;
  if (s.device_budget_us > 0) {
    out = short_number(std::round(hours(s.device_us) * 100) / 100, 3) + " of " +
          short_number(hours(s.device_budget_us)) + " device-hours";
  }
  if (s.wall_budget_us > 0) {
    out += (out.empty() ? "" : ", ") + short_duration(static_cast<double>(s.wall_us) / 1e6) +
           " of " + short_duration(static_cast<double>(s.wall_budget_us) / 1e6) + " wall time";
  }
  return out;
}

std::string best_line(const Snapshot& snapshot) {
  const wire::SweepInfo& s = snapshot.sweep;
  if (s.metric.empty()) return "no goal metric";
  if (!s.has_best) return "no value of " + printable(s.metric, 60) + " yet";
  const auto leader = analysis::best_k(snapshot.trials, snapshot.goal(), 1);
  const std::string value = leader.empty() || leader[0]->trial != s.best_trial
                                ? short_number(s.best_value, 4, true)
                                : mean_text(s.best_value, leader[0]->spread, leader[0]->mean_count);
  std::string out = printable(s.metric, 60) + " " + value + "  trial " +
                    std::to_string(s.best_trial) + " of " + std::to_string(s.counts.total());
  const auto median = analysis::median_value(snapshot.trials);
  if (median)
    out += "  (median " + short_number(*median, 4, true) + ", " +
           std::string(name_of(snapshot.goal())) + ")";
  return out;
}

std::string workers_text(const Snapshot& snapshot) {
  const wire::SweepInfo& s = snapshot.sweep;
  if (!snapshot.from_broker)
    return "no broker runs here; `scopa run --resume " + s.id + "` goes on";
  const std::string count = s.workers == 0 ? "none" : std::to_string(s.workers);
  if (static_cast<SweepState>(s.state) == SweepState::kPaused) {
    return count + "; `scopa resume " + s.id + "` goes on";
  }
  return count + (s.workers == 0 ? "; `scopa worker " + s.id + "` starts one" : "");
}

std::string dropped_text(const Snapshot& snapshot) {
  const auto marked = std::count_if(snapshot.trials.begin(), snapshot.trials.end(),
                                    [](const auto& t) { return t.points_dropped > 0; });
  return count_of(snapshot.sweep.points_dropped, "point") +
         " that trainers could not write (disk or memory full)" +
         (marked == 0 ? ", of attempts that do not count"
                      : "; `scopa trials` marks " +
                            count_of(static_cast<std::uint64_t>(marked), "trial") + " with !");
}

/// The best-so-far of the ended trials, in the order in which they ended.
std::string improvements_line(const Snapshot& snapshot) {
  const auto steps = analysis::best_so_far(snapshot.trials, snapshot.goal());
  if (steps.size() < 2) return {};
  std::string out;
  const std::size_t first = steps.size() > 6 ? steps.size() - 6 : 0;
  for (std::size_t i = first; i < steps.size(); ++i) {
    out += (out.empty() ? first > 0 ? "… → " : "" : " → ") + short_number(steps[i].value, 4, true) +
           " #" + std::to_string(steps[i].trial);
  }
  return out;
}

/// The notices, but those of quarantines that hold: these are rows of their own, with what the
/// notice adds.
std::vector<std::string> quarantine_rows(const wire::SweepInfo& s, std::vector<std::string>* rest) {
  std::vector<std::string> rows = s.quarantined;
  for (const std::string& notice : s.notices) {
    bool is_told = false;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::string& told = s.quarantined[i];  // "worker w1: why"
      const std::size_t colon = std::min(told.find(": "), told.size());
      const std::string words = " is quarantined" + told.substr(colon);
      const std::size_t why = notice.find(words);
      if (why == std::string::npos || !notice.starts_with(told.substr(0, colon) + " ")) continue;
      rows[i] = told + notice.substr(why + words.size());
      is_told = true;
    }
    if (!is_told) rest->push_back(notice);
  }
  return rows;
}

}  // namespace

std::string labelled(const std::string& label, const std::string& text, const Terminal& t,
                     Style style) {
  const std::string space(label.size() < 10 ? 10 - label.size() : 1, ' ');
  const std::string start = "  " + styled(label, style, t.out_color) + space;
  if (!t.out_is_tty) return start + text + "\n";
  return start + wrap_text(text, 12, static_cast<std::size_t>(t.columns));
}

std::string savings_text(const Snapshot& snapshot) {
  const auto savings = analysis::pruning_savings(snapshot.trials);
  if (!savings) return {};
  std::string out = "saved " + std::to_string(std::lround(savings->share() * 100)) + " %";
  if (savings->seconds >= 1) out += ", about " + short_duration(savings->seconds);
  return out + ": " + std::to_string(savings->not_spent) + " of " +
         std::to_string(savings->without()) + " " + printable(snapshot.sweep.metric, 60) +
         " values not needed";
}

std::string sweep_screen(const Snapshot& snapshot, const Terminal& t) {
  const wire::SweepInfo& s = snapshot.sweep;
  const auto state = static_cast<SweepState>(s.state);
  const bool color = t.out_color;
  std::string out = "  " + styled(title_of(s), Style::kBold, color) + "  " +
                    styled(name_of(state), style_of(state), color) +
                    (s.reason.empty() ? "" : ": " + printable(s.reason, 600)) + "\n\n";
  if (!s.project.empty()) out += labelled("project", printable(s.project, 200), t);
  if (!s.description.empty()) out += labelled("about", printable(s.description, 600), t);
  std::string progress = counts_text(s);
  if (s.run_cap > 0) {
    const std::size_t width = t.columns < 100 ? 12 : 24;
    progress = styled(bar(ended_trials(s), expected_trials(s), width), Style::kCyan, color) + "  " +
               progress;
  }
  out += labelled("progress", progress, t);
  out += labelled("best", best_line(snapshot), t);
  const std::string improvements = improvements_line(snapshot);
  if (!improvements.empty()) out += labelled("so far", improvements, t);
  const std::string savings = savings_text(snapshot);
  if (!savings.empty()) out += labelled("pruning", savings, t);
  out += labelled("search", search_text(snapshot), t);
  const std::string budget = budget_text(s);
  if (!budget.empty()) out += labelled("budget", budget, t);
  if (!has_ended(state)) out += labelled("workers", workers_text(snapshot), t);
  out +=
      labelled("created",
               local_time(s.created_us) + ", last change " + ago(s.updated_us, snapshot.now_us), t);
  if (s.points_dropped > 0) out += labelled("dropped", dropped_text(snapshot), t, Style::kYellow);
  for (const FailureGroup& group : failure_groups(snapshot.trials)) {
    out += labelled("failed", to_text(group), t, Style::kRed);
  }
  std::vector<std::string> notices;
  for (const std::string& out_of_it : quarantine_rows(s, &notices)) {
    out += labelled("quarantine", printable(out_of_it, 600), t, Style::kYellow);
  }
  for (const std::string& notice : notices) {
    out += labelled("note", printable(notice, 600), t, Style::kYellow);
  }
  return out;
}

}  // namespace scopa::cli
