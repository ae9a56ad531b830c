#include <algorithm>
#include <cstdint>
#include <memory>

#include "analysis/config_format.h"
#include "analysis/documents/trial_sheet.h"
#include "analysis/documents/where.h"
#include "analysis/leaderboard.h"
#include "analysis/numbers.h"
#include "cli/board.h"
#include "cli/commands/commands.h"
#include "cli/errors.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/query.h"
#include "cli/sweep_words.h"
#include "cli/trial_folders.h"
#include "sdk/base/command_macros.h"
#include "sdk/base/log_text.h"
#include "sdk/base/text.h"
#include "sdk/session/environment.h"

namespace scopa::cli {
namespace {

constexpr std::string_view kAsCommand = "command";

struct BestOptions {
  std::string sweep = "@last";
  std::uint64_t top = 1;
  std::string as = "cli";
  std::string where;
};

std::string heading(const Snapshot& snapshot, const wire::TrialInfo& t) {
  return "trial " + std::to_string(t.trial) + ": " + printable(snapshot.sweep.metric, 60) + " " +
         analysis::shortest(analysis::ranked_value(t)) +
         (t.mean_count > 1 ? " (mean of " + std::to_string(t.mean_count) + " runs)" : "") + ", " +
         std::string(name_of(static_cast<TrialState>(t.state)));
}

std::string place_or_null(const HostPath& place) {
  if (place.path.empty()) return "null";
  return json_object({{"host", json_text(place.host)}, {"path", json_text(place.path)}});
}

/// Where its files are, on a line of its own each.
std::string places_text(const wire::TrialInfo& t) {
  const TrialPlaces places = places_of(t);
  std::string out;
  for (const auto& [label, place] :
       {std::pair("folder", places.folder), std::pair("checkpoint", places.checkpoint)}) {
    if (place.path.empty()) continue;
    out += std::string("\n# ") + label + " " + on_one_line(printable(place.host, 200)) + ":" +
           on_one_line(printable(place.path, 4000));
  }
  return out;
}

void print_best_json(const Snapshot& snapshot, const analysis::TrialList& best) {
  std::vector<std::string> items;
  for (std::size_t i = 0; i < best.size(); ++i) {
    const wire::TrialInfo& t = *best[i];
    JsonFields fields = {{"rank", std::to_string(i + 1)}};
    for (auto& [name, value] : trial_fields(t, snapshot.now_us)) {
      if (name == "value") value = json_number(analysis::ranked_value(t));
      if (name == "runs") value = std::to_string(std::max<std::uint32_t>(t.mean_count, 1));
      fields.emplace_back(name, value);
    }
    const TrialPlaces places = places_of(t);
    fields.emplace_back("folder", place_or_null(places.folder));
    fields.emplace_back("checkpoint", place_or_null(places.checkpoint));
    items.push_back(json_object(fields));
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

Status none_of_them(const Snapshot& snapshot, const std::string& where) {
  return {Code::kNotFound,
          "of no trial of " + title_of(snapshot.sweep) + " that has a value does `" +
              printable(where, 200) + "` hold",
          "`scopa trials " + snapshot.sweep.id + " --where '...'` lists those for which it holds"};
}

/// A line for a shell that starts the trainer as a worker does. What the command wants in a file is
/// written into the current folder by the line itself; what no macro passes on stands in
/// SCOPA_PARAMS, where the trainer must be looking for it.
Result<std::string> command_line(const spec::SweepSpec& spec, const Snapshot& snapshot,
                                 const wire::TrialInfo& t) {
  const std::string stem = "scopa-" + snapshot.sweep.id + "-" + std::to_string(t.trial);
  SCOPA_ASSIGN_OR_RETURN(const auto argv, expand_command(spec.command, spec.program, t.params,
                                                         session::process_environment(), stem));
  std::string line;
  for (const ConfigFile& file : config_files(spec.command, t.params, stem)) {
    line += "printf '%s\\n' " + analysis::shell_quoted(file.text) + " > " +
            analysis::shell_quoted(file.path) + " && ";
  }
  const bool passed =
      spec.command.empty() ||
      std::any_of(spec.command.begin(), spec.command.end(),
                  [](const std::string& part) { return part.find("${args") != std::string::npos; });
  if (!passed) line += "SCOPA_PARAMS=" + analysis::shell_quoted(to_json(t.params)) + " ";
  return line + analysis::shell_line(argv) + "\n";
}

Result<std::string> best_text(const std::string& as, const Result<spec::SweepSpec>& spec,
                              const Snapshot& snapshot, const wire::TrialInfo& t) {
  if (as == kAsCommand) {
    if (!spec) return spec.status();
    return command_line(*spec, snapshot, t);
  }
  const auto format = analysis::config_format_from(as).value_or(analysis::ConfigFormat::kCli);
  return analysis::format_config(t.params, format, words_for(spec));
}

int best(Context& context, const BestOptions& o) {
  if (o.as == "args0" && o.top > 1) {
    return fail_usage(context, "`--as args0` is one configuration: leave `--top` out",
                      "scopa best");
  }
  auto link = connect(context, Access::kRead);
  if (!link) return fail(context, link.status());
  const auto snapshot = get_snapshot(**link, o.sweep);
  if (!snapshot) return fail(context, snapshot.status());
  auto list = analysis::best_k(snapshot->trials, snapshot->goal(), SIZE_MAX);
  if (list.empty()) return fail(context, nothing_yet(*snapshot));
  if (!o.where.empty()) {
    const analysis::TrialSheet sheet(snapshot->sweep, snapshot->trials, snapshot->now_us);
    const auto where = analysis::Where::compile(o.where, sheet);
    if (!where) return fail_as_usage(context, where.status().with_prefix("--where"));
    std::erase_if(list, [&](const auto* t) { return !where->holds(*t); });
    if (list.empty()) return fail(context, none_of_them(*snapshot, o.where));
  }
  if (list.size() > o.top) list.resize(o.top);
  if (context.globals.json) {
    print_best_json(*snapshot, list);
    return kExitOk;
  }
  const auto spec = get_spec(**link, snapshot->sweep.id);
  const bool lines = o.as.ends_with("yaml") || o.as == "env";
  for (const auto* t : list) {
    // A comment within the data where the format has one; else beside them, for people.
    if (lines && list.size() > 1) {
      print_out("# " + heading(*snapshot, *t) + "\n");
    } else if (context.terminal.err_is_tty) {
      say(context, styled("# " + heading(*snapshot, *t) + places_text(*t), Style::kDim,
                          context.terminal.err_color) +
                       "\n");
    }
    const auto text = best_text(o.as, spec, *snapshot, *t);
    if (!text) return fail(context, text.status());
    print_out(*text);
  }
  return kExitOk;
}

}  // namespace

void declare_best(Args& args) {
  auto o = std::make_shared<BestOptions>();
  args.description(
      "The best configuration of a sweep, ready to paste: as command line arguments, as the whole "
      "command that a worker would run, as JSON, YAML or environment variables. Failed trials are "
      "never best.");
  args.optional_positional("SWEEP", &o->sweep, "id, prefix of an id, name, or @last (the default)");
  args.number("-k,--top", "N", &o->top, "the N best instead of one", {.least = 1});
  args.text("--where", "CONDITION", &o->where,
            "of those for which it holds, e.g. 'size_mb < 5', as in `scopa trials`");
  std::vector<std::string> formats = analysis::config_format_names();
  formats.emplace_back(kAsCommand);
  args.choice("--as", "FORMAT", &o->as, formats,
              "cli (the default), quoted for a shell; args0: the same unquoted, for xargs -0; "
              "command: what a worker runs; json, yaml, with groups nested-json, nested-yaml; env");
  args.example("eval \"./train $(scopa best)\"", "train once more with the best configuration");
  args.example("scopa best --as args0 | xargs -0 ./train", "the same without quotes");
  args.example("eval \"$(scopa best --as command)\"", "the same, as the sweep's `command` has it");
  args.example("scopa best --where 'size_mb < 5'", "the best one that is small enough");
  args.example("scopa best fox-1 --as yaml > best.yaml", "keep it in a file");
  args.example("eval \"$(scopa best --as env)\"", "as variables of the shell");
  args.action([o](Context& c) { return best(c, *o); });
}

}  // namespace scopa::cli
