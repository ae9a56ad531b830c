#include <algorithm>
#include <memory>

#include "analysis/documents/trial_rows.h"
#include "analysis/leaderboard.h"
#include "cli/board.h"
#include "cli/commands/commands.h"
#include "cli/errors.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/query.h"
#include "cli/trial_selection.h"

namespace scopa::cli {
namespace {

struct TrialsOptions {
  std::string sweep = "@last";
  TrialSelectionOptions select;
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
                    "states are queued, running, completed, pruned, diverged, failed, cancelled");
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

using analysis::TrialSheet;

void print_list_json(const TrialSheet& sheet, const TrialSelection& shown) {
  std::vector<std::string> items;
  items.reserve(shown.trials.size());
  for (const auto* t : shown.trials) {
    items.push_back(shown.columns ? analysis::json_row(sheet, *shown.columns, *t)
                                  : json_of(*t, sheet.now_us()));
  }
  print_out(json_document({{"sweep", json_of(sheet.sweep())},
                           {"total", std::to_string(sheet.trials().size())},
                           {"trials", json_array(items)}}));
}

void print_csv(const TrialSheet& sheet, const TrialSelection& shown) {
  const auto columns = shown.columns.value_or(sheet.usual_columns());
  std::string out = analysis::csv_header(columns);
  for (const auto* t : shown.trials) out += analysis::csv_row(sheet, columns, *t);
  print_out(out);
}

void print_board(const Context& context, const Snapshot& snapshot, const TrialSheet& sheet,
                 const TrialSelection& shown, std::size_t matching) {
  const bool people = context.terminal.out_is_tty;
  if (people) {
    print_out(headline(snapshot.sweep, context.terminal) + "\n");
  }
  print_out(shown.columns ? board_of(sheet, *shown.columns, shown.trials, context.terminal)
                          : board(snapshot, shown.trials, context.terminal));
  if (people && shown.trials.size() < matching) {
    print_out("  " +
              styled("… " + std::to_string(matching - shown.trials.size()) + " more: -n N or --all",
                     Style::kDim, context.terminal.out_color) +
              "\n");
  }
}

int list_trials(Context& context, const TrialsOptions& o) {
  std::vector<std::string> names = o.states;
  if (o.failed) names.emplace_back("failed");
  const auto states = states_of(names);
  if (!states) return fail_as_usage(context, states.status());
  const auto causes = causes_of(o.causes);
  if (!causes) return fail_as_usage(context, causes.status());
  auto link = connect(context, Access::kRead);
  if (!link) return fail(context, link.status());
  const auto snapshot = get_snapshot(**link, o.sweep);
  if (!snapshot) return fail(context, snapshot.status());
  const TrialSheet sheet(snapshot->sweep, snapshot->trials, snapshot->now_us);
  auto selection = select_trials(sheet, o.select);
  if (!selection) return fail_as_usage(context, selection.status());
  analysis::TrialList& shown = selection->trials;
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
  constexpr std::uint64_t kTrialsOfAScreen = 20;
  const bool for_people = context.terminal.out_is_tty && !context.globals.json && !o.csv;
  const std::uint64_t wanted =
      o.lines == TrialsOptions::kNotGiven && for_people ? kTrialsOfAScreen : o.lines;
  const std::size_t matching = shown.size();
  if (!o.all && shown.size() > wanted) shown.resize(wanted);
  if (context.globals.json) {
    print_list_json(sheet, *selection);
  } else if (o.csv) {
    print_csv(sheet, *selection);
  } else {
    print_board(context, *snapshot, sheet, *selection, matching);
  }
  return kExitOk;
}

}  // namespace

void declare_trials(Args& args) {
  auto o = std::make_shared<TrialsOptions>();
  o->select.sort = "rank";
  args.description(
      "The leaderboard of a sweep: its trials, best first, with their parameters. Pruned and "
      "running trials stand where the last value they logged puts them; failed ones come after "
      "all others, and those without a value last. On a terminal the 20 best, in a pipe all of "
      "them, separated by tabs and unrounded.");
  args.optional_positional("SWEEP", &o->sweep, "id, prefix of an id, name, or @last (the default)");
  declare_selection(args, &o->select);
  args.texts("--state", "STATE", &o->states, "only these, e.g. --state failed,pruned");
  args.flag("--failed", &o->failed, "only those that have failed");
  args.texts("--cause", "CAUSE", &o->causes, "only those that failed of it, e.g. --cause oom,node");
  args.number("-n,--lines", "N", &o->lines, "so many at most", {});
  args.flag("-a,--all", &o->all, "all of them, also on a terminal");
  args.flag("--csv", &o->csv, "comma-separated, for a spreadsheet");
  args.example("scopa trials", "the leaderboard of the last sweep");
  args.example("scopa trials fox-1 --failed --sort=-ended", "the failures, last one first");
  args.example("scopa trials --where 'lr < 1e-2 and val_acc > 0.8' --columns trial,lr,val_acc",
               "some columns of some trials");
  args.example("scopa trials --csv > trials.csv", "every trial, for a spreadsheet");
  args.action([o](Context& c) { return list_trials(c, *o); });
}

}  // namespace scopa::cli
