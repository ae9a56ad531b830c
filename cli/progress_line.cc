#include "cli/progress_line.h"

#include <cmath>

#include "cli/board.h"
#include "cli/format.h"
#include "sdk/base/states.h"
#include "sdk/base/text.h"

namespace scopa::cli {
namespace {

struct Shape {
  std::size_t bar = 16;
  bool range = true;
  bool age = true;
  bool metric = true;
  bool brief = false;
};

std::string compose(const wire::SweepInfo& s, const std::optional<analysis::Remaining>& left,
                    const Shape& shape, bool color) {
  const auto state = static_cast<SweepState>(s.state);
  const wire::StateCounts& c = s.counts;
  std::string line = styled(printable(s.name.empty() ? s.id : s.name, 24), Style::kBold, color);
  const std::uint64_t ended = ended_trials(s);
  if (s.run_cap > 0) {
    if (shape.bar > 0) {
      line += "  " + styled(bar(ended, expected_trials(s), shape.bar), Style::kCyan, color);
    }
    line += "  " + std::to_string(ended) + (s.replicates > 1 ? "/~" : "/") +
            std::to_string(expected_trials(s)) + (s.replicates > 1 ? " runs" : "");
  } else {
    line += "  " + count_of(ended, "trial");
  }
  const auto add = [&](std::uint64_t n, const char* what, Style style) {
    if (n > 0)
      line += (shape.brief ? " " : "  ") + styled(std::to_string(n) + " " + what, style, color);
  };
  if (state != SweepState::kRunning) {
    line += "  " + styled(name_of(state), style_of(state), color);
  }
  add(c.running, shape.brief ? "run" : "running", Style::kGreen);
  add(c.queued, "queued", Style::kDim);
  add(c.pruned, "pruned", Style::kYellow);
  add(c.diverged, "diverged", Style::kYellow);
  add(c.failed, "failed", Style::kRed);
  const std::string separator = styled(" · ", Style::kDim, color);
  if (s.has_best) {
    line += separator + best_text(s, shape.metric);
    const std::uint64_t started = c.total();
    if (shape.age && started > s.best_trial + 1) {
      line +=
          styled(" (" + std::to_string(started - 1 - s.best_trial) + " ago)", Style::kDim, color);
    }
  }
  if (left && !has_ended(state)) {
    line += separator + short_duration(left->seconds) + " left";
    if (shape.range) {
      line += styled(" (" + short_duration(left->low) + "-" + short_duration(left->high) + ")",
                     Style::kDim, color);
    }
  }
  return line;
}

}  // namespace

std::uint64_t ended_trials(const wire::SweepInfo& s) {
  return s.counts.total() - s.counts.queued - s.counts.running;
}

std::uint64_t expected_trials(const wire::SweepInfo& s) {
  if (s.space_used_up && has_ended(static_cast<SweepState>(s.state))) return s.counts.total();
  if (s.replicates < 2 || s.run_cap == 0) return s.run_cap;
  const std::uint64_t to_come = s.run_cap > s.configurations ? s.run_cap - s.configurations : 0;
  const double runs_of_one = s.configurations == 0 ? 1
                                                   : static_cast<double>(s.counts.total()) /
                                                         static_cast<double>(s.configurations);
  return s.counts.total() +
         static_cast<std::uint64_t>(std::llround(runs_of_one * static_cast<double>(to_come)));
}

std::uint64_t trials_left(const wire::SweepInfo& s) {
  const std::uint64_t ended = ended_trials(s);
  const std::uint64_t expected = expected_trials(s);
  return expected > ended ? expected - ended : 0;
}

std::string best_text(const wire::SweepInfo& s, bool metric) {
  if (!s.has_best) return {};
  return "best " + (s.metric.empty() || !metric ? "" : printable(s.metric, 40) + " ") +
         short_number(s.best_value, 4, true) + " #" + std::to_string(s.best_trial);
}

std::string progress_line(const wire::SweepInfo& sweep,
                          const std::optional<analysis::Remaining>& left, std::size_t width,
                          bool color) {
  static constexpr Shape kShapes[] = {
      {24, true, true, true, false},   {16, true, true, true, false},
      {16, false, true, true, false},  {12, false, false, true, false},
      {8, false, false, true, false},  {10, false, false, false, false},
      {6, false, false, false, false}, {6, false, false, false, true},
      {0, false, false, false, true}};
  std::string line;
  for (const Shape& shape : kShapes) {
    line = compose(sweep, left, shape, color);
    if (display_width(line) <= width) return line;
  }
  return cut_to_width(line, width);
}

}  // namespace scopa::cli
