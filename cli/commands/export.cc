#include "analysis/export.h"

#include <algorithm>
#include <memory>

#include "analysis/documents/trial_rows.h"
#include "cli/commands/commands.h"
#include "cli/errors.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/output_file.h"
#include "cli/query.h"
#include "cli/trial_selection.h"

namespace scopa::cli {
namespace {

struct ExportOptions {
  std::string sweep = "@last";
  std::string output;
  bool csv = false;
  bool jsonl = false;
  bool points = false;
  TrialSelectionOptions select;
};

using analysis::TrialSheet;

void write_trials(const TrialSheet& sheet, const TrialSelection& selection, bool jsonl,
                  OutputFile* sink) {
  const auto columns = selection.columns.value_or(sheet.usual_columns());
  if (!jsonl) sink->write(analysis::csv_header(columns));
  for (const auto* t : selection.trials) {
    if (!jsonl) {
      sink->write(analysis::csv_row(sheet, columns, *t));
    } else if (selection.columns) {
      sink->write(analysis::json_row(sheet, columns, *t) + "\n");
    } else {
      sink->write(analysis::jsonl_row(*t, sheet.now_us()));
    }
  }
}

Status write_points(Link& link, const SweepId& sweep, const analysis::TrialList& trials, bool jsonl,
                    OutputFile* sink) {
  if (!jsonl) sink->write(analysis::csv_points_header());
  for (const auto* t : trials) {
    if (t->attempts.empty()) continue;
    SCOPA_ASSIGN_OR_RETURN(const auto curve, get_points(link, sweep, t->trial));
    for (const auto& [attempt, points] : curve) {
      sink->write(jsonl ? analysis::jsonl_points(t->trial, attempt, points)
                        : analysis::csv_points(t->trial, attempt, points));
    }
  }
  return Status::ok();
}

/// JSON lines as the items of an array.
std::string array_of_lines(const std::string& lines) {
  std::string out = "[";
  for (std::size_t start = 0; start < lines.size();) {
    const std::size_t end = std::min(lines.find('\n', start), lines.size());
    if (out.size() > 1) out += ',';
    out.append(lines, start, end - start);
    start = end + 1;
  }
  return out + "]";
}

Status write_document(Link& link, const TrialSheet& sheet, const TrialSelection& selection,
                      bool points, OutputFile* sink) {
  JsonFields fields = {{"sweep", json_of(sheet.sweep())}};
  if (!points) {
    std::vector<std::string> items;
    for (const auto* t : selection.trials) {
      items.push_back(selection.columns ? analysis::json_row(sheet, *selection.columns, *t)
                                        : json_of(*t, sheet.now_us()));
    }
    fields.emplace_back("trials", json_array(items));
    sink->write(json_document(fields));
    return Status::ok();
  }
  std::string lines;
  for (const auto* t : selection.trials) {
    if (t->attempts.empty()) continue;
    SCOPA_ASSIGN_OR_RETURN(const auto curve, get_points(link, sheet.sweep().id, t->trial));
    for (const AttemptPoints& each : curve) {
      lines += analysis::jsonl_points(t->trial, each.attempt, each.points);
    }
  }
  fields.emplace_back("points", array_of_lines(lines));
  sink->write(json_document(fields));
  return Status::ok();
}

/// Said where points are missing that somebody may expect.
void tell_removed(const Context& context, const analysis::TrialList& trials) {
  const auto removed = std::count_if(trials.begin(), trials.end(),
                                     [](const wire::TrialInfo* t) { return t->removed; });
  if (removed == 0) return;
  say(context, "the points of " + count_of(static_cast<std::uint64_t>(removed), "trial") +
                   " have been removed (`scopa rm`)\n");
}

int export_sweep(Context& context, const ExportOptions& o) {
  if (o.csv && o.jsonl) return fail_usage(context, "--csv or --jsonl, not both", "scopa export");
  if (o.points && !o.select.columns.empty()) {
    return fail_usage(context, "--columns is about trials: points have columns of their own",
                      "scopa export");
  }
  auto link = connect(context, Access::kRead);
  if (!link) return fail(context, link.status());
  const auto snapshot = get_snapshot(**link, o.sweep);
  if (!snapshot) return fail(context, snapshot.status());
  const TrialSheet sheet(snapshot->sweep, snapshot->trials, snapshot->now_us);
  const auto selection = select_trials(sheet, o.select);
  if (!selection) return fail_as_usage(context, selection.status());
  auto sink = OutputFile::open(o.output);
  if (!sink) return fail(context, sink.status());
  Status status;
  if (context.globals.json) {
    status = write_document(**link, sheet, *selection, o.points, sink->get());
  } else if (o.points) {
    status = write_points(**link, snapshot->sweep.id, selection->trials, o.jsonl, sink->get());
  } else {
    write_trials(sheet, *selection, o.jsonl, sink->get());
  }
  if (status) status = (*sink)->finish();
  if (o.points) tell_removed(context, selection->trials);
  return status ? kExitOk : fail(context, status);
}

}  // namespace

void declare_export(Args& args) {
  auto o = std::make_shared<ExportOptions>();
  args.description(
      "All trials of a sweep, or all metric points that count for them, as CSV or JSON lines. Of a "
      "trial that went on from a checkpoint these are one curve, whose rows name the attempt that "
      "logged them. Nothing is rounded; a file appears under its name only when it is complete.");
  args.optional_positional("SWEEP", &o->sweep, "id, prefix of an id, name, or @last (the default)");
  args.flag("--csv", &o->csv, "comma-separated with a header line (the default)");
  args.flag("--jsonl", &o->jsonl, "a JSON object per line");
  args.flag("--points", &o->points,
            "metric points instead of trials: trial, attempt, metric, step, value, time");
  declare_selection(args, &o->select);
  args.text("-o,--output", "FILE", &o->output, "write to FILE instead of stdout");
  args.example("scopa export fox-1 --csv -o trials.csv", "for a spreadsheet or pandas");
  args.example("scopa export --columns trial,lr,val_loss.min --where 'state == completed'",
               "some columns of some trials");
  args.example("scopa export fox-1 --jsonl --points | gzip > curves.jsonl.gz",
               "every point that counts");
  args.action([o](Context& c) { return export_sweep(c, *o); });
}

}  // namespace scopa::cli
