#include "cli/run_summary.h"

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include "analysis/config_format.h"
#include "analysis/leaderboard.h"
#include "broker/search/sampler.h"
#include "cli/board.h"
#include "cli/format.h"
#include "cli/sweep_screen.h"
#include "cli/sweep_words.h"
#include "sdk/base/text.h"

namespace scopa::cli {
namespace {

std::string full_path(const std::string& folder) {
  std::error_code error;
  const auto path = std::filesystem::absolute(folder, error);
  return error ? folder : path.lexically_normal().string();
}

using Hint = std::pair<std::string, std::string>;

std::string hints_text(const std::vector<Hint>& hints, bool color) {
  std::size_t width = 0;
  for (const Hint& hint : hints) width = std::max(width, hint.first.size());
  std::string out = "  " + styled("next", Style::kDim, color) + "\n";
  for (const auto& [command, says] : hints) {
    out += "    " + command + std::string(width - command.size() + 3, ' ') +
           styled(says, Style::kDim, color) + "\n";
  }
  return out;
}

/// How many trials a higher cap may bring: none where the space has no more.
std::uint64_t more_trials(const wire::SweepInfo& s, const Result<spec::SweepSpec>& spec) {
  if (s.run_cap == 0 || s.space_used_up) return 0;
  const std::uint64_t more = std::max<std::uint64_t>(10, s.run_cap / 2);
  const auto size = spec ? search::space_size(*spec) : std::nullopt;
  return size ? std::min(more, *size - std::min(*size, s.configurations)) : more;
}

std::string next_commands(const Context& context, const Snapshot& snapshot, std::uint64_t more) {
  const wire::SweepInfo& s = snapshot.sweep;
  const std::string dir = folder_option(context);
  std::vector<Hint> hints = {{"scopa trials " + s.id + dir, "the whole leaderboard"}};
  if (s.has_best) {
    hints.emplace_back("scopa show " + s.id + "/" + std::to_string(s.best_trial) + dir,
                       "the best trial in detail");
    hints.emplace_back("scopa best " + s.id + " --as yaml" + dir, "its configuration");
  }
  const auto state = static_cast<SweepState>(s.state);
  if (state == SweepState::kFinished && more > 0) {
    hints.emplace_back(
        "scopa run --resume " + s.id + " --run-cap " + std::to_string(s.run_cap + more) + dir,
        count_of(more, "more trial"));
  } else if (!has_ended(state)) {
    hints.emplace_back("scopa run --resume " + s.id + dir, "go on");
  }
  return hints_text(hints, context.terminal.err_color);
}

const wire::TrialInfo* latest_failure(const Snapshot& snapshot) {
  const wire::TrialInfo* latest = nullptr;
  for (const wire::TrialInfo& t : snapshot.trials) {
    if (static_cast<TrialState>(t.state) != TrialState::kFailed) continue;
    if (latest == nullptr || t.ended_us > latest->ended_us) latest = &t;
  }
  return latest;
}

std::string indented(const std::string& text, const std::string& by) {
  std::string out = by;
  for (const char c : text) {
    out += c;
    if (c == '\n') out += by;
  }
  return out;
}

}  // namespace

std::string folder_option(const Context& context) {
  return context.globals.dir.empty() ? "" : " --dir " + analysis::shell_quoted(context.globals.dir);
}

std::string run_board(const Context& context, const Snapshot& snapshot) {
  constexpr std::size_t kTop = 10;
  const bool people = context.terminal.out_is_tty;
  analysis::TrialList top =
      analysis::without_replicates(analysis::leaderboard(snapshot.trials, snapshot.goal()));
  if (people && top.size() > kTop) top.resize(kTop);
  std::string out;
  if (people) out += "\n" + headline(snapshot.sweep, context.terminal) + "\n";
  if (!top.empty()) out += board(snapshot, top, context.terminal);
  return out;
}

std::string run_closing(const Context& context, const Snapshot& snapshot,
                        const Result<spec::SweepSpec>& spec) {
  Terminal terminal = context.terminal;  // labelled() writes for stdout
  terminal.out_is_tty = terminal.err_is_tty;
  terminal.out_color = terminal.err_color;
  std::string out;
  const auto best = analysis::best_k(snapshot.trials, snapshot.goal(), 1);
  if (!best.empty()) {
    out += "\n" + labelled("best",
                           printable(snapshot.sweep.metric, 60) + " " +
                               mean_text(analysis::ranked_value(*best[0]), best[0]->spread,
                                         best[0]->mean_count) +
                               ", trial " + std::to_string(best[0]->trial),
                           terminal);
    out += "\n    " +
           analysis::format_config(best[0]->params, analysis::ConfigFormat::kCli, words_for(spec));
  }
  out += "\n";
  if (static_cast<SweepState>(snapshot.sweep.state) == SweepState::kFinished &&
      !snapshot.sweep.reason.empty()) {
    out += labelled("finished", printable(snapshot.sweep.reason, 600), terminal);
  }
  const std::string savings = savings_text(snapshot);
  if (!savings.empty()) out += labelled("pruning", savings, terminal);
  for (const std::string& notice : snapshot.sweep.notices) {
    out += labelled("note", printable(notice, 600), terminal, Style::kYellow);
  }
  out += labelled("store", full_path(context.folder()), terminal) + "\n";
  return out + next_commands(context, snapshot, more_trials(snapshot.sweep, spec));
}

Failure trials_fail(const Context& context, const Snapshot& snapshot) {
  Failure f;
  f.code = "S131";
  const std::string& id = snapshot.sweep.id;
  const wire::TrialInfo* latest = latest_failure(snapshot);
  const std::string dir = folder_option(context);
  f.message = snapshot.sweep.reason.substr(0, snapshot.sweep.reason.find("; trial ")) +
              ", sweep paused (nothing is lost)";
  if (latest == nullptr) {
    // Trials without a value: either the trainer logs something else, or the file names it wrong.
    f.help = "fix the trainer, or its metric in the file with `scopa edit " + id + dir +
             "`; then `scopa run --resume " + id + " --retry-failed" + dir + "`";
    return f;
  }
  const std::string device = latest->attempts.empty() || latest->attempts.back().device.empty()
                                 ? std::string()
                                 : " on " + latest->attempts.back().device;
  const Reason reason = split_reason(latest->reason);
  const bool is_long = reason.output.find('\n') != std::string::npos;
  f.details = "  trial " + std::to_string(latest->trial) + device + ": " +
              (is_long ? reason.what : reason.in_a_line()) + "\n";
  if (is_long) f.details += indented(reason.output, "    | ");
  const bool may_be_the_file = reason.what.find("not started") == 0 || reason.what == "exit 126" ||
                               reason.what == "exit 127";
  f.help = std::string("fix ") +
           (may_be_the_file
                ? "it, or the command in the sweep's file with `scopa edit " + id + dir + "`; "
                : "it, ") +
           "then `scopa run --resume " + id + " --retry-failed" + dir +
           "`;  full log: `scopa logs " + id + "/" + std::to_string(latest->trial) + dir + "`";
  return f;
}

}  // namespace scopa::cli
