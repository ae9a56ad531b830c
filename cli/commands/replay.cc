#include "broker/core/replay.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "cli/board.h"
#include "cli/commands/commands.h"
#include "cli/errors.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/log_progress.h"
#include "cli/query.h"
#include "cli/sweep_log.h"
#include "cli/sweep_screen.h"
#include "sdk/base/text.h"

namespace scopa::cli {
namespace {

struct ReplayOptions {
  std::string sweep = "@last";
  bool all = false;
};

/// Of one sweep; `status` says why its log could not be replayed.
struct Replayed {
  wire::SweepInfo sweep;
  Status status;
  core::Replay::Outcome outcome;
  bool agrees() const { return status.is_ok() && outcome.agrees(); }
};

Replayed replay_one(Context& context, Link& link, const wire::SweepInfo& sweep) {
  Replayed replayed;
  replayed.sweep = sweep;
  core::Replay replay(sweep.id);
  LogProgress progress(context, title_of(sweep));
  replayed.status = fetch_log(
      link, sweep.id,
      [&](store::LogItem item) {
        std::visit([&](auto& each) { replay.add(std::move(each)); }, item);
        return Status::ok();
      },
      [&](std::size_t bytes) { progress.fetched(bytes); });
  if (!replayed.status) return replayed;
  auto outcome =
      replay.run([&](std::size_t done, std::size_t all) { progress.checked(done, all); });
  if (outcome) {
    replayed.outcome = std::move(*outcome);
  } else {
    replayed.status = outcome.status();
  }
  return replayed;
}

std::string as_json(const Replayed& replayed) {
  const core::Replay::Outcome& o = replayed.outcome;
  std::vector<std::string> mismatches;
  for (const auto& each : o.mismatches) mismatches.push_back(json_of_mismatch(each));
  return json_object({{"sweep", json_text(replayed.sweep.id)},
                      {"name", json_text(replayed.sweep.name)},
                      {"equal", replayed.agrees() ? "true" : "false"},
                      {"error", replayed.status ? "null" : json_text(replayed.status.message())},
                      {"events", std::to_string(o.events)},
                      {"reports", std::to_string(o.reports)},
                      {"trials", std::to_string(o.trials)},
                      {"checked", json_object({{"suggestions", std::to_string(o.suggestions)},
                                               {"given", std::to_string(o.given)},
                                               {"stops", std::to_string(o.stops)},
                                               {"ends", std::to_string(o.ends)}})},
                      {"differ", std::to_string(o.differ)},
                      {"not_recomputed", std::to_string(o.not_recomputed)},
                      {"without_points", std::to_string(o.without_points)},
                      {"mismatches", json_array(mismatches)}});
}

std::string screen(const Replayed& replayed, const Terminal& t) {
  const core::Replay::Outcome& o = replayed.outcome;
  std::string out = "  " + styled(title_of(replayed.sweep), Style::kBold, t.out_color) + "\n\n";
  if (!replayed.status) {
    return out + labelled("damaged", printable(replayed.status.message(), 1000), t, Style::kRed);
  }
  out += labelled("log",
                  count_of(o.events, "event") + " and " + count_of(o.reports, "report") + " of " +
                      count_of(o.trials, "trial"),
                  t);
  out += labelled("checked",
                  count_of(o.suggestions, "suggestion") + ", " +
                      (o.given > 0 ? count_of(o.given, "given configuration") + ", " : "") +
                      count_of(o.stops, "stop") + ", " + count_of(o.ends, "end"),
                  t);
  if (o.not_recomputed > 0) {
    out += labelled("older",
                    "made by rules " + std::to_string(o.other_rules) + ": " +
                        count_of(o.not_recomputed, "decision") + " not recomputed",
                    t);
  }
  if (o.without_points > 0) {
    out += labelled("removed",
                    count_of(o.without_points, "decision") +
                        " not recomputed: points that they may rest on have been removed",
                    t);
  }
  if (o.agrees()) {
    return out + labelled("result", "recomputed from the log: all equal", t, Style::kGreen);
  }
  out += labelled("result",
                  count_of(o.differ, "decision") + (o.differ == 1 ? " differs" : " differ") +
                      " from what the log leads to",
                  t, Style::kRed);
  for (const auto& each : o.mismatches) out += "\n" + mismatch_text(each, t);
  if (o.differ > o.mismatches.size()) {
    out += "\n  … " + std::to_string(o.differ - o.mismatches.size()) + " more\n";
  }
  return out;
}

Failure differs(const std::vector<Replayed>& all) {
  std::string which;
  std::size_t bad = 0;
  for (const Replayed& each : all) {
    if (each.agrees()) continue;
    which += (which.empty() ? "" : ", ") + each.sweep.id;
    ++bad;
  }
  return log_differs(bad == 1 ? "the log of sweep " + which + " does not agree with itself"
                              : "the logs of " + std::to_string(bad) +
                                    " sweeps do not agree with themselves: " + which);
}

int replay(Context& context, const ReplayOptions& o) {
  auto link = connect(context, Access::kRead);
  if (!link) return fail(context, link.status());
  std::vector<wire::SweepInfo> sweeps;
  if (o.all) {
    auto list = get_sweeps(**link, {});
    if (!list) return fail(context, list.status());
    sweeps.assign(std::make_move_iterator(list->sweeps.rbegin()),
                  std::make_move_iterator(list->sweeps.rend()));
  } else {
    auto sweep = get_sweep(**link, o.sweep);
    if (!sweep) return fail(context, sweep.status());
    sweeps.push_back(std::move(*sweep));
  }
  std::vector<Replayed> all;
  std::vector<std::string> items;
  for (const wire::SweepInfo& sweep : sweeps) {
    all.push_back(replay_one(context, **link, sweep));
    // What could not be asked for says nothing of the log.
    const Status& status = all.back().status;
    if (!status && status.code() != Code::kCorruption) return fail(context, status);
    if (context.globals.json) {
      items.push_back(as_json(all.back()));
    } else {
      print_out((all.size() > 1 ? "\n" : "") + screen(all.back(), context.terminal));
    }
  }
  const bool agree =
      std::all_of(all.begin(), all.end(), [](const Replayed& each) { return each.agrees(); });
  if (context.globals.json) {
    print_out(json_document({{"equal", agree ? "true" : "false"}, {"sweeps", json_array(items)}}));
  } else if (sweeps.empty()) {
    say(context, "there is no sweep yet\n");
  }
  return agree ? kExitOk : fail(context, differs(all));
}

}  // namespace

void declare_replay(Args& args) {
  auto o = std::make_shared<ReplayOptions>();
  args.description(
      "Checks every decision of a sweep: computes from its stored log, by the code that decided, "
      "each suggestion from what the model had seen, each stop from the curves, limits and "
      "budgets, and the end of the sweep, and compares them with what is recorded. Also beside a "
      "broker at work, and on a store folder. Exit code 1 when anything differs.");
  args.optional_positional("SWEEP", &o->sweep, "id, prefix of an id, name, or @last (the default)");
  args.flag("--all", &o->all, "every sweep, one after the other");
  args.example("scopa replay @last", "check the last sweep");
  args.example("scopa replay --all --dir backup", "check all that is in a store folder");
  args.action([o](Context& c) { return replay(c, *o); });
}

}  // namespace scopa::cli
