#include "cli/sweep_screen.h"

#include <cmath>

#include "analysis/progress.h"
#include "analysis/savings.h"
#include "cli/board.h"
#include "cli/format.h"
#include "cli/progress_line.h"
#include "sdk/base/text.h"

namespace scopa::cli {
namespace {

std::string search_text(const wire::SweepInfo& s) {
  std::string out = s.method + " over " + count_of(s.parameters.size(), "parameter");
  if (!s.pruner.empty()) {
    out += ", " + s.pruner;
    for (std::size_t i = 0; i < s.rungs.size() && i < 8; ++i) {
      out += (i == 0 ? " at " : ", ") + std::to_string(s.rungs[i]);
    }
    if (s.rungs.size() > 8) out += ", …";
  }
  return out + ", seed " + std::to_string(s.seed);
}

std::string best_line(const Snapshot& snapshot) {
  const wire::SweepInfo& s = snapshot.sweep;
  if (s.metric.empty()) return "no goal metric";
  if (!s.has_best) return "no value of " + printable(s.metric, 60) + " yet";
  std::string out = printable(s.metric, 60) + " " + short_number(s.best_value) + "  trial " +
                    std::to_string(s.best_trial) + " of " + std::to_string(s.counts.total());
  const auto median = analysis::median_value(snapshot.trials);
  if (median)
    out +=
        "  (median " + short_number(*median) + ", " + std::string(name_of(snapshot.goal())) + ")";
  return out;
}

/// The best-so-far of the ended trials, in the order in which they ended.
std::string improvements_line(const Snapshot& snapshot) {
  const auto steps = analysis::best_so_far(snapshot.trials, snapshot.goal());
  if (steps.size() < 2) return {};
  std::string out;
  const std::size_t first = steps.size() > 6 ? steps.size() - 6 : 0;
  for (std::size_t i = first; i < steps.size(); ++i) {
    out += (out.empty() ? first > 0 ? "… → " : "" : " → ") + short_number(steps[i].value) + " #" +
           std::to_string(steps[i].trial);
  }
  return out;
}

}  // namespace

std::string labelled(const std::string& label, const std::string& text, bool color, Style style) {
  const std::string space(label.size() < 10 ? 10 - label.size() : 1, ' ');
  return "  " + styled(label, style, color) + space + text + "\n";
}

std::string savings_text(const Snapshot& snapshot) {
  const auto savings = analysis::pruning_savings(snapshot.trials);
  if (!savings) return {};
  std::string out = "saved " + std::to_string(std::lround(savings->share() * 100)) +
                    " %: " + std::to_string(savings->not_spent) + " of " +
                    std::to_string(savings->without()) + " values of " +
                    printable(snapshot.sweep.metric, 60);
  if (savings->seconds >= 1) {
    out += ", about " + short_duration(savings->seconds) + " of training,";
  }
  return out + " not needed (" + count_of(savings->pruned, "trial") + " stopped early)";
}

std::string sweep_screen(const Snapshot& snapshot, const Terminal& t) {
  const wire::SweepInfo& s = snapshot.sweep;
  const auto state = static_cast<SweepState>(s.state);
  const bool color = t.out_color;
  std::string out = "  " + styled(title_of(s), Style::kBold, color) + "  " +
                    styled(name_of(state), style_of(state), color) +
                    (s.reason.empty() ? "" : ": " + printable(s.reason, 600)) + "\n\n";
  if (!s.description.empty()) out += labelled("about", printable(s.description, 600), color);
  std::string progress = counts_text(s);
  if (s.run_cap > 0) {
    progress = styled(bar(ended_trials(s), s.run_cap, 24), Style::kCyan, color) + "  " + progress;
  }
  out += labelled("progress", progress, color);
  out += labelled("best", best_line(snapshot), color);
  const std::string improvements = improvements_line(snapshot);
  if (!improvements.empty()) out += labelled("so far", improvements, color);
  const std::string savings = savings_text(snapshot);
  if (!savings.empty()) out += labelled("pruning", savings, color);
  out += labelled("search", search_text(s), color);
  if (!has_ended(state)) {
    out += labelled(
        "workers",
        s.workers == 0 ? "none; `scopa worker " + s.id + "` starts one" : std::to_string(s.workers),
        color);
  }
  out += labelled("created",
                  local_time(s.created_us) + ", last change " + ago(s.updated_us, snapshot.now_us),
                  color);
  for (const std::string& notice : s.notices) {
    out += labelled("note", printable(notice, 600), color, Style::kYellow);
  }
  return out;
}

}  // namespace scopa::cli
