#include <algorithm>
#include <memory>

#include "analysis/config_format.h"
#include "analysis/leaderboard.h"
#include "analysis/numbers.h"
#include "cli/board.h"
#include "cli/commands/commands.h"
#include "cli/errors.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/query.h"
#include "sdk/base/text.h"

namespace scopa::cli {
namespace {

struct BestOptions {
  std::string sweep = "@last";
  std::uint64_t top = 1;
  std::string as = "cli";
};

std::string heading(const Snapshot& snapshot, const wire::TrialInfo& t) {
  return "trial " + std::to_string(t.trial) + ": " + printable(snapshot.sweep.metric, 60) + " " +
         analysis::shortest(analysis::ranked_value(t)) +
         (t.mean_count > 1 ? " (mean of " + std::to_string(t.mean_count) + " runs)" : "") + ", " +
         std::string(name_of(static_cast<TrialState>(t.state)));
}

void print_best_json(const Snapshot& snapshot, const analysis::TrialList& best) {
  std::vector<std::string> items;
  for (std::size_t i = 0; i < best.size(); ++i) {
    items.push_back(
        json_object({{"rank", std::to_string(i + 1)},
                     {"trial", std::to_string(best[i]->trial)},
                     {"state", json_text(name_of(static_cast<TrialState>(best[i]->state)))},
                     {"value", json_number(analysis::ranked_value(*best[i]))},
                     {"runs", std::to_string(std::max<std::uint32_t>(best[i]->mean_count, 1))},
                     {"spread", best[i]->mean_count > 1 ? json_number(best[i]->spread) : "null"},
                     {"params", to_json(best[i]->params)}}));
  }
  print_out(json_document({{"sweep", json_text(snapshot.sweep.id)},
                           {"name", json_text(snapshot.sweep.name)},
                           {"metric", json_text(snapshot.sweep.metric)},
                           {"goal", json_text(name_of(snapshot.goal()))},
                           {"best", json_array(items)}}));
}

Status nothing_yet(const Snapshot& snapshot) {
  const std::string& metric = snapshot.sweep.metric;
  if (metric.empty()) {
    return {Code::kNotFound, "sweep " + title_of(snapshot.sweep) + " has no goal metric",
            "`metric: {name: ..., goal: ...}` in the sweep file names one"};
  }
  return {Code::kNotFound,
          "no trial of " + title_of(snapshot.sweep) + " has a value of `" + metric + "` yet",
          snapshot.sweep.notices.empty() ? "`scopa status " + snapshot.sweep.id + "` says why"
                                         : snapshot.sweep.notices.back()};
}

int best(Context& context, const BestOptions& o) {
  auto link = connect(context, Access::kRead);
  if (!link) return fail(context, link.status());
  const auto snapshot = get_snapshot(**link, o.sweep);
  if (!snapshot) return fail(context, snapshot.status());
  const auto list = analysis::best_k(snapshot->trials, snapshot->goal(), o.top);
  if (list.empty()) return fail(context, nothing_yet(*snapshot));
  if (context.globals.json) {
    print_best_json(*snapshot, list);
    return kExitOk;
  }
  const auto format = analysis::config_format_from(o.as).value_or(analysis::ConfigFormat::kCli);
  const bool lines =
      format == analysis::ConfigFormat::kYaml || format == analysis::ConfigFormat::kEnv;
  for (const auto* t : list) {
    // A comment within the data where the format has one; else beside them, for people.
    if (lines && list.size() > 1) {
      print_out("# " + heading(*snapshot, *t) + "\n");
    } else if (context.terminal.err_is_tty) {
      say(context,
          styled("# " + heading(*snapshot, *t), Style::kDim, context.terminal.err_color) + "\n");
    }
    print_out(analysis::format_config(t->params, format));
  }
  return kExitOk;
}

}  // namespace

void declare_best(Args& args) {
  auto o = std::make_shared<BestOptions>();
  args.description(
      "The best configuration of a sweep, ready to paste: as command line arguments, JSON, YAML "
      "or environment variables. Failed trials are never best.");
  args.optional_positional("SWEEP", &o->sweep, "id, prefix of an id, name, or @last (the default)");
  args.number("-k,--top", "N", &o->top, "the N best instead of one");
  args.choice("--as", "FORMAT", &o->as, {"cli", "json", "yaml", "env"},
              "cli (the default), json, yaml or env");
  args.example("./train $(scopa best)", "train once more with the best configuration");
  args.example("scopa best fox-1 --as yaml > best.yaml", "keep it in a file");
  args.example("eval \"$(scopa best --as env)\"", "as variables of the shell");
  args.action([o](Context& c) { return best(c, *o); });
}

}  // namespace scopa::cli
