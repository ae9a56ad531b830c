#include "cli/progress_line.h"

#include "cli/board.h"
#include "cli/format.h"
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
      line += "  " + styled(bar(ended, s.run_cap, shape.bar), Style::kCyan, color);
    }
    line += "  " + std::to_string(ended) + "/" + std::to_string(s.run_cap);
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
  return s.counts.completed + s.counts.pruned + s.counts.failed + s.counts.cancelled;
}

std::uint64_t trials_left(const wire::SweepInfo& s) {
  const std::uint64_t ended = ended_trials(s);
  return s.run_cap > ended ? s.run_cap - ended : 0;
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
