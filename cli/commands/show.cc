#include <algorithm>
#include <memory>

#include "analysis/leaderboard.h"
#include "analysis/numbers.h"
#include "cli/board.h"
#include "cli/commands/commands.h"
#include "cli/errors.h"
#include "cli/failures.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/query.h"
#include "cli/sweep_screen.h"
#include "cli/trial_folders.h"
#include "sdk/base/log_text.h"
#include "sdk/base/text.h"

namespace scopa::cli {
namespace {

struct ShowOptions {
  std::string what = "@last";
  bool spec = false;
};

/// One metric's points, picked from a block.
struct Curve {
  std::string metric;
  std::vector<std::int64_t> steps;
  std::vector<double> values;
};

std::vector<Curve> curves_of(const PointBlock& points) {
  std::vector<Curve> curves(points.metrics.size());
  for (std::size_t m = 0; m < curves.size(); ++m) curves[m].metric = points.metrics[m];
  for (std::size_t i = 0; i < points.size(); ++i) {
    Curve& curve = curves[points.metric[i]];
    curve.steps.push_back(points.step[i]);
    curve.values.push_back(points.value[i]);
  }
  return curves;
}

std::string rank_text(const Snapshot& snapshot, std::uint64_t trial) {
  std::size_t rank = 0;
  std::size_t mine = 0;
  for (const auto* t : analysis::leaderboard(snapshot.trials, snapshot.goal())) {
    if (!analysis::is_ranked(*t)) break;
    ++rank;
    if (t->trial == trial) mine = rank;
  }
  if (mine == 0) return {};
  return "rank " + std::to_string(mine) + " of " + std::to_string(rank);
}

std::string value_line(const Snapshot& snapshot, const wire::TrialInfo& t) {
  const std::string metric = printable(snapshot.sweep.metric, 60);
  if (!t.has_value) return metric.empty() ? "no goal metric" : "no value of " + metric;
  std::string out = metric + " " + short_number(t.value, 4, true);
  if (t.mean_count > 1) {
    out = metric + " " + mean_text(t.mean, t.spread, t.mean_count) + ", this run " +
          short_number(t.value, 4, true);
  }
  if (t.best != t.value) out += ", at its best " + short_number(t.best, 4, true);
  const std::string rank = rank_text(snapshot, t.trial);
  return out + (rank.empty() ? "" : "  (" + rank + ")");
}

/// The other runs of a configuration: of the first one all, of another one that.
std::string runs_text(const Snapshot& snapshot, const wire::TrialInfo& t,
                      const Terminal& terminal) {
  std::string out;
  if (t.replicate > 0) {
    return labelled("replicate",
                    std::to_string(t.replicate) + " of trial " + std::to_string(t.replicate_of),
                    terminal);
  }
  for (const wire::TrialInfo& run : snapshot.trials) {
    if (run.replicate == 0 || run.replicate_of != t.trial) continue;
    out += labelled("run " + std::to_string(run.replicate),
                    "trial " + std::to_string(run.trial) + "  " +
                        std::string(name_of(static_cast<TrialState>(run.state))) +
                        (run.has_value ? "  " + short_number(run.value, 4, true) : ""),
                    terminal);
  }
  return out;
}

/// Where its files are.
std::string places_text(const wire::TrialInfo& t, const Terminal& terminal) {
  if (t.removed) {
    return labelled("removed", "its points and its folder, by `scopa rm`", terminal);
  }
  std::string out;
  const TrialPlaces places = places_of(t);
  const auto line = [&](const char* label, const HostPath& place, const std::string& more) {
    if (place.path.empty()) return;
    out += labelled(label, printable(place.host, 200) + ":" + printable(place.path, 4000) + more,
                    terminal);
  };
  line("folder", places.folder, "");
  line("checkpoint", places.checkpoint, "  step " + std::to_string(places.checkpoint_step));
  return out;
}

std::string curves_text(const wire::SweepInfo& s, const std::vector<Curve>& curves, bool color) {
  std::string out;
  std::size_t name_width = 0;
  for (const Curve& c : curves) name_width = std::max(name_width, display_width(c.metric));
  name_width = std::min<std::size_t>(name_width, 30);
  for (const Curve& c : curves) {
    if (c.values.empty()) continue;
    std::string name = cut_to_width(on_one_line(printable(c.metric, 200)), name_width);
    name += std::string(name_width - display_width(name), ' ');
    out +=
        "  " + styled(name, c.metric == s.metric ? Style::kBold : Style::kPlain, color) + "  " +
        styled(sparkline(c.values, 32), Style::kCyan, color) + "  " +
        short_number(c.values.front(), 4, true) + " → " + short_number(c.values.back(), 4, true) +
        styled(
            "  step " + std::to_string(c.steps.back()) + ", " + count_of(c.values.size(), "value"),
            Style::kDim, color) +
        "\n";
  }
  return out;
}

std::string trial_screen(const Snapshot& snapshot, const wire::TrialInfo& t,
                         const std::vector<Curve>& curves, const Terminal& terminal) {
  const bool color = terminal.out_color;
  const wire::SweepInfo& s = snapshot.sweep;
  const auto state = static_cast<TrialState>(t.state);
  std::string out = "  " + styled("trial " + std::to_string(t.trial), Style::kBold, color) +
                    " of " + title_of(s) + "  " + styled(name_of(state), style_of(state), color) +
                    (t.origin == "enqueued"  ? ", enqueued by hand"
                     : t.origin == "initial" ? ", given in the sweep file"
                                             : "") +
                    "\n\n";
  out += labelled("value", value_line(snapshot, t), terminal);
  if (!t.reason.empty()) {
    const bool by_pruner = state == TrialState::kPruned && !s.pruner.empty() && t.stop_rung > 0;
    const Reason reason = split_reason(t.reason);
    const bool is_long = reason.output.find('\n') != std::string::npos;
    std::string text = is_long ? reason.what : t.reason;
    if (by_pruner) text = "stopped at rung " + std::to_string(t.stop_rung) + ": " + t.reason;
    out += labelled(by_pruner ? s.pruner : "because", on_one_line(printable(text, 1000)), terminal,
                    state == TrialState::kFailed ? Style::kRed : Style::kYellow);
    if (is_long && !by_pruner) out += output_block(reason.output, color);
  }
  if (t.points_dropped > 0) {
    out += labelled("dropped",
                    count_of(t.points_dropped, "point") +
                        " that the trainer could not write (disk or memory full): the curves have "
                        "holes, and the value is that of what is left",
                    terminal, Style::kYellow);
  }
  out += runs_text(snapshot, t, terminal);
  out += attempts_text(t, snapshot.now_us, terminal);
  out += places_text(t, terminal);
  out += "\n";
  std::size_t width = 0;
  for (const Param& p : t.params) width = std::max(width, display_width(p.name));
  width = std::min<std::size_t>(width, 40);
  for (const Param& p : t.params) {
    const std::string name = cut_to_width(on_one_line(printable(p.name, 200)), width);
    out += "  " + styled(name, Style::kDim, color) +
           std::string(width - display_width(name) + 2, ' ') +
           on_one_line(printable(to_text(p.value), 400)) + "\n";
  }
  const std::string curve_lines = curves_text(s, curves, color);
  return out + (curve_lines.empty() ? "" : "\n" + curve_lines);
}

std::string curves_json(const std::vector<Curve>& curves) {
  JsonFields metrics;
  for (const Curve& c : curves) {
    std::vector<std::string> points;
    for (std::size_t i = 0; i < c.values.size(); ++i) {
      points.push_back(json_array({std::to_string(c.steps[i]), json_number(c.values[i])}));
    }
    metrics.emplace_back(c.metric, json_array(points));
  }
  return json_object(metrics);
}

int show_trial(Context& context, Link& link, const TrialName& name) {
  const auto snapshot = get_snapshot(link, name.sweep);
  if (!snapshot) return fail(context, snapshot.status());
  const auto trial = get_trial(link, snapshot->sweep.id, *name.trial);
  if (!trial) return fail(context, trial.status());
  std::vector<Curve> curves;
  if (!trial->attempts.empty()) {
    const auto points = get_points(link, snapshot->sweep.id, trial->trial);
    if (!points) return fail(context, points.status());
    curves = curves_of(joined(*points));
  }
  if (context.globals.json) {
    print_out(json_document({{"sweep", json_text(snapshot->sweep.id)},
                             {"trial", json_of(*trial, snapshot->now_us)},
                             {"metrics", curves_json(curves)}}));
  } else {
    print_out(trial_screen(*snapshot, *trial, curves, context.terminal));
  }
  return kExitOk;
}

int show_sweep(Context& context, Link& link, const ShowOptions& o) {
  if (o.spec) {
    wire::GetSweep get;
    get.sweep = o.what;
    get.with_spec = true;
    const auto reply = ask<wire::SweepReply>(link, std::move(get));
    if (!reply) return fail(context, reply.status());
    print_out(context.globals.json ? json_document({{"sweep", json_text(reply->sweep.id)},
                                                    {"file", json_text(reply->file_name)},
                                                    {"spec", json_text(reply->spec)}})
                                   : reply->spec);
    return kExitOk;
  }
  const auto snapshot = get_snapshot(link, o.what);
  if (!snapshot) return fail(context, snapshot.status());
  if (context.globals.json) {
    print_out(json_document({{"sweep", json_of(snapshot->sweep)}}));
    return kExitOk;
  }
  print_out(reaching(context, sweep_screen(*snapshot, context.terminal)) + "\n");
  print_out(
      board(*snapshot, analysis::best_k(snapshot->trials, snapshot->goal(), 5), context.terminal));
  return kExitOk;
}

int show(Context& context, const ShowOptions& o) {
  auto link = connect(context, Access::kRead);
  if (!link) return fail(context, link.status());
  const TrialName name = split_trial_name(o.what);
  return name.trial ? show_trial(context, **link, name) : show_sweep(context, **link, o);
}

}  // namespace

void declare_show(Args& args) {
  auto o = std::make_shared<ShowOptions>();
  args.description(
      "A sweep, or one of its trials: parameters, attempts, why it was pruned or failed, and the "
      "curve of each metric it logged.");
  args.optional_positional("SWEEP[/N]", &o->what,
                           "a sweep, or SWEEP/N for its trial N; @last by default");
  args.flag("--spec", &o->spec, "the sweep file's text, as it was given");
  args.example("scopa show fox-1/17", "trial 17 of the sweep fox-1");
  args.example("scopa show @last --spec > sweep.yaml", "get the sweep file back");
  args.action([o](Context& c) { return show(c, *o); });
}

}  // namespace scopa::cli
