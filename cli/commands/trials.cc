#include <algorithm>
#include <memory>

#include "analysis/export.h"
#include "analysis/leaderboard.h"
#include "cli/board.h"
#include "cli/commands/commands.h"
#include "cli/errors.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/query.h"

namespace scopa::cli {
namespace {

struct TrialsOptions {
  std::string sweep = "@last";
  std::string sort = "rank";
  std::vector<std::string> states;
  bool failed = false;
  std::vector<std::string> causes;
  static constexpr std::uint64_t kNotGiven = UINT64_MAX;
  std::uint64_t lines = kNotGiven;
  bool all = false;
  bool csv = false;
};

/// Empty where a name is none of a state.
Result<std::vector<TrialState>> states_of(const std::vector<std::string>& names) {
  std::vector<TrialState> states;
  for (const std::string& name : split_lists(names)) {
    const auto state = trial_state_from(name);
    if (!state) {
      return Status(Code::kInvalidArgument, "`" + name + "` is no state of a trial",
                    "states are queued, running, completed, pruned, failed, cancelled");
    }
    states.push_back(*state);
  }
  return states;
}

Result<std::vector<Cause>> causes_of(const std::vector<std::string>& names) {
  std::vector<Cause> causes;
  for (const std::string& name : split_lists(names)) {
    const auto cause = cause_from(name);
    if (!cause) {
      return Status(Code::kInvalidArgument, "`" + name + "` is no cause of a failure",
                    "causes are oom, nan, crash, user_error, timeout, preempted, node");
    }
    causes.push_back(*cause);
  }
  return causes;
}

void print_list_json(const Snapshot& snapshot, const analysis::TrialList& shown) {
  std::vector<std::string> items;
  items.reserve(shown.size());
  for (const auto* t : shown) items.push_back(json_of(*t, snapshot.now_us));
  print_out(json_document({{"sweep", json_of(snapshot.sweep)},
                           {"total", std::to_string(snapshot.trials.size())},
                           {"trials", json_array(items)}}));
}

void print_csv(const Snapshot& snapshot, const analysis::TrialList& shown) {
  const analysis::CsvTrials csv(snapshot.sweep.parameters);
  std::string out = csv.header();
  for (const auto* t : shown) out += csv.row(*t, snapshot.now_us);
  print_out(out);
}

void print_board(const Context& context, const Snapshot& snapshot, const analysis::TrialList& shown,
                 std::size_t matching) {
  const bool people = context.terminal.out_is_tty;
  if (people) {
    print_out(headline(snapshot.sweep, context.terminal) + "\n");
  }
  print_out(board(snapshot, shown, context.terminal));
  if (people && shown.size() < matching) {
    print_out("  " +
              styled("… " + std::to_string(matching - shown.size()) + " more: -n N or --all",
                     Style::kDim, context.terminal.out_color) +
              "\n");
  }
}

int list_trials(Context& context, const TrialsOptions& o) {
  std::vector<std::string> names = o.states;
  if (o.failed) names.emplace_back("failed");
  const auto states = states_of(names);
  if (!states) {
    Failure f = failure_of(states.status());
    f.exit = kExitUsage;
    return fail(context, f);
  }
  const auto causes = causes_of(o.causes);
  if (!causes) {
    Failure f = failure_of(causes.status());
    f.exit = kExitUsage;
    return fail(context, f);
  }
  auto link = connect(context, Access::kRead);
  if (!link) return fail(context, link.status());
  const auto snapshot = get_snapshot(**link, o.sweep);
  if (!snapshot) return fail(context, snapshot.status());
  auto sorted = analysis::sorted_by(snapshot->trials, snapshot->goal(), o.sort);
  if (!sorted) {
    Failure f = failure_of(sorted.status());
    f.exit = kExitUsage;
    return fail(context, f);
  }
  analysis::TrialList shown = std::move(*sorted);
  if (!states->empty()) {
    std::erase_if(shown, [&](const auto* t) {
      return std::find(states->begin(), states->end(), static_cast<TrialState>(t->state)) ==
             states->end();
    });
  }
  if (!causes->empty()) {
    std::erase_if(shown, [&](const auto* t) {
      return std::find(causes->begin(), causes->end(), static_cast<Cause>(t->cause)) ==
             causes->end();
    });
  }
  // A row of the leaderboard is a configuration; data has every run of it.
  if (!context.globals.json && !o.csv) shown = analysis::without_replicates(std::move(shown));
  // Only people are spared long lists: a program that reads a part must have asked for it.
  constexpr std::uint64_t kScreenful = 20;
  const bool for_people = context.terminal.out_is_tty && !context.globals.json && !o.csv;
  const std::uint64_t wanted =
      o.lines == TrialsOptions::kNotGiven && for_people ? kScreenful : o.lines;
  const std::size_t matching = shown.size();
  if (!o.all && shown.size() > wanted) shown.resize(wanted);
  if (context.globals.json) {
    print_list_json(*snapshot, shown);
  } else if (o.csv) {
    print_csv(*snapshot, shown);
  } else {
    print_board(context, *snapshot, shown, matching);
  }
  return kExitOk;
}

}  // namespace

void declare_trials(Args& args) {
  auto o = std::make_shared<TrialsOptions>();
  args.description(
      "The leaderboard of a sweep: its trials, best first, with their parameters. Pruned and "
      "running trials stand where the last value they logged puts them; failed ones come after "
      "all others, and those without a value last. On a terminal the 20 best, in a pipe all of "
      "them, separated by tabs and unrounded.");
  args.optional_positional("SWEEP", &o->sweep, "id, prefix of an id, name, or @last (the default)");
  args.text("-s,--sort", "COLUMN", &o->sort,
            "rank, trial, state, value, best, steps, duration, started, ended or a parameter; "
            "--sort=-COLUMN for the other way round");
  args.texts("--state", "STATE", &o->states, "only these, e.g. --state failed,pruned");
  args.flag("--failed", &o->failed, "only those that have failed");
  args.texts("--cause", "CAUSE", &o->causes, "only those that failed of it, e.g. --cause oom,node");
  args.number("-n,--lines", "N", &o->lines, "so many at most", {});
  args.flag("-a,--all", &o->all, "all of them, also on a terminal");
  args.flag("--csv", &o->csv, "comma-separated, for a spreadsheet");
  args.example("scopa trials", "the leaderboard of the last sweep");
  args.example("scopa trials fox-1 --failed --sort=-ended", "the failures, last one first");
  args.example("scopa trials --csv > trials.csv", "every trial, for a spreadsheet");
  args.action([o](Context& c) { return list_trials(c, *o); });
}

}  // namespace scopa::cli
