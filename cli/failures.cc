#include "cli/failures.h"

#include <algorithm>
#include <map>

#include "analysis/leaderboard.h"
#include "cli/board.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/sweep_screen.h"
#include "sdk/base/log_text.h"
#include "sdk/base/text.h"

namespace scopa::cli {
namespace {

constexpr std::size_t kLinesShown = 4;  // of an earlier attempt

std::string cause_text(Cause cause) {
  const std::string name(name_of(cause));
  return name.empty() ? "other" : name;
}

std::string last_line(const std::string& reason) {
  const std::string output = split_reason(reason).output;
  const std::size_t line = output.rfind('\n');
  return line == std::string::npos ? output : output.substr(line + 1);
}

std::string last_lines(const std::string& lines, std::size_t count) {
  std::size_t start = lines.size();
  for (; count > 0 && start != std::string::npos && start > 0; --count) {
    start = lines.rfind('\n', start - 1);
  }
  return start == std::string::npos || start == 0 ? lines : lines.substr(start + 1);
}

std::string where_and_when(const wire::AttemptInfo& a, std::int64_t now_us) {
  const std::int64_t ran_us = analysis::running_us(a, now_us);
  std::string line =
      local_time(a.started_us) + "  " + short_duration(static_cast<double>(ran_us) / 1e6);
  if (!a.device.empty()) line += "  " + on_one_line(printable(a.device, 60));
  if (!a.host.empty()) line += " on " + on_one_line(printable(a.host, 60));
  line += "  " + count_of(a.points, "point");
  return a.points_dropped == 0 ? line : line + ", " + std::to_string(a.points_dropped) + " dropped";
}

std::string how_it_ended(const wire::AttemptInfo& a, bool is_the_reason) {
  std::string out(name_of(static_cast<Cause>(a.cause)));
  const std::string what = split_reason(a.ended).what;
  if (!is_the_reason && !what.empty()) {
    out = (out.empty() || what == out ? "" : out + ": ") + on_one_line(printable(what, 300));
  }
  if (const std::string forced = forced_text(a); !forced.empty()) {
    out += (out.empty() ? "" : ", ") + forced;
  }
  if (a.suspect) out += (out.empty() ? "" : ", ") + std::string("no word from its worker");
  if (a.extra) out += (out.empty() ? "" : ", ") + std::string("does not count");
  return out;
}

}  // namespace

std::string forced_text(const wire::AttemptInfo& attempt) {
  switch (static_cast<wire::Forced>(attempt.forced)) {
    case wire::Forced::kNot:
      return {};
    case wire::Forced::kTerm:
      return "did not end when it was told to: SIGTERM";
    case wire::Forced::kKill:
      return "did not end when it was told to: killed";
  }
  return {};
}

std::vector<FailureGroup> failure_groups(std::span<const wire::TrialInfo> trials) {
  std::map<std::uint8_t, std::map<std::string, std::size_t>> lines;
  for (const wire::TrialInfo& t : trials) {
    if (static_cast<TrialState>(t.state) == TrialState::kFailed)
      ++lines[t.cause][last_line(t.reason)];
  }
  std::vector<FailureGroup> groups;
  for (const auto& [cause, counts] : lines) {
    FailureGroup& group = groups.emplace_back();
    group.cause = static_cast<Cause>(cause);
    for (const auto& [line, count] : counts) {
      group.count += count;
      if (line.empty() || count <= group.with_line) continue;
      group.line = line;
      group.with_line = count;
    }
  }
  std::stable_sort(groups.begin(), groups.end(),
                   [](const auto& a, const auto& b) { return a.count > b.count; });
  return groups;
}

std::string to_text(const FailureGroup& group) {
  std::string out = std::to_string(group.count) + " " + cause_text(group.cause);
  if (group.line.empty()) return out;
  out += ": " + printable(group.line, 300);
  if (group.with_line == group.count) return out;
  return out + " (" + std::to_string(group.with_line) + " of " + std::to_string(group.count) + ")";
}

std::string json_of(const FailureGroup& group) {
  return json_object({{"cause", json_text(cause_text(group.cause))},
                      {"count", std::to_string(group.count)},
                      {"line", group.line.empty() ? "null" : json_text(group.line)},
                      {"with_line", std::to_string(group.with_line)}});
}

std::string output_block(const std::string& lines, bool color) {
  std::string out;
  for (std::size_t start = 0; start < lines.size();) {
    const std::size_t end = std::min(lines.find('\n', start), lines.size());
    out += "            " +
           styled(printable(lines.substr(start, end - start), 600), Style::kDim, color) + "\n";
    start = end + 1;
  }
  return out;
}

std::string attempts_text(const wire::TrialInfo& t, std::int64_t now_us, const Terminal& terminal) {
  std::string out;
  if (t.attempts_left_out > 0) {
    out +=
        labelled("attempts", count_of(t.attempts_left_out, "earlier one") + " left out", terminal);
  }
  for (const wire::AttemptInfo& a : t.attempts) {
    const bool is_the_reason = a.ended == t.reason;
    const std::string end = how_it_ended(a, is_the_reason);
    std::string line = where_and_when(a, now_us) + (end.empty() ? "" : "  " + end);
    if (!a.next.empty()) line += "; " + on_one_line(printable(a.next, 300));
    out += labelled("attempt " + std::to_string(a.attempt), line, terminal);
    if (!is_the_reason && a.cause != 0) {
      out +=
          output_block(last_lines(split_reason(a.ended).output, kLinesShown), terminal.out_color);
    }
  }
  return out;
}

}  // namespace scopa::cli
