#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "analysis/numbers.h"
#include "cli/board.h"
#include "cli/broker_state.h"
#include "cli/commands/commands.h"
#include "cli/errors.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/progress_line.h"
#include "cli/query.h"
#include "cli/table.h"
#include "sdk/base/text.h"

namespace scopa::cli {
namespace {

struct LsOptions {
  static constexpr std::uint64_t kNotGiven = UINT64_MAX;
  std::uint64_t lines = kNotGiven;
  bool all = false;
  std::string project;
};

// Only people are spared long lists: a program that reads a part must have asked for it.
constexpr std::uint64_t kScreenful = 50;

Table::Cell best_cell(const wire::SweepInfo& s) {
  if (!s.has_best) return {"-", Table::kNothing, Style::kDim};
  return {short_number(s.best_value, 4, true), analysis::shortest(s.best_value), Style::kBold};
}

std::string trials_cell(const wire::SweepInfo& s) {
  const std::string ended = std::to_string(ended_trials(s));
  return s.run_cap > 0 ? ended + "/" + std::to_string(expected_trials(s)) : ended;
}

Table table_of(const std::vector<wire::SweepInfo>& sweeps) {
  using Align = Table::Align;
  Table table({{"id", Align::kLeft, false, true},
               {"name", Align::kLeft, true, true},
               {"state", Align::kLeft, false, true},
               {"trials", Align::kRight, false, true},
               {"best", Align::kRight, false, false},
               {"metric", Align::kLeft, true, false},
               {"method", Align::kLeft, false, false},
               {"running", Align::kRight, false, false},
               {"failed", Align::kRight, false, false},
               {"diverged", Align::kRight, false, false},
               {"workers", Align::kRight, false, false},
               {"created", Align::kLeft, false, false}});
  const std::int64_t now = now_us();
  for (const wire::SweepInfo& s : sweeps) {
    const auto state = static_cast<SweepState>(s.state);
    const std::string method = s.method + (s.pruner.empty() ? "" : " + " + s.pruner);
    table.add(
        {{s.id, "", Style::kPlain},
         {printable(s.name, 100), s.name.empty() ? Table::kNothing : "", Style::kPlain},
         {std::string(name_of(state)), "", style_of(state)},
         {trials_cell(s), "", Style::kPlain},
         best_cell(s),
         {printable(s.metric, 100), s.metric.empty() ? Table::kNothing : "", Style::kPlain},
         {method, "", Style::kPlain},
         {std::to_string(s.counts.running), "", Style::kPlain},
         {std::to_string(s.counts.failed), "", s.counts.failed > 0 ? Style::kRed : Style::kPlain},
         {std::to_string(s.counts.diverged), "",
          s.counts.diverged > 0 ? Style::kYellow : Style::kPlain},
         {std::to_string(s.workers), "", Style::kPlain},
         {ago(s.created_us, now), analysis::iso_time(s.created_us), Style::kDim}});
  }
  return table;
}

int list_sweeps(Context& context, const LsOptions& o) {
  auto link = connect(context, Access::kRead);
  if (!link) return fail(context, link.status());
  const bool for_people = context.terminal.out_is_tty && !context.globals.json;
  SweepQuery query;
  query.project = o.project;
  if (o.lines != LsOptions::kNotGiven) {
    query.most = o.lines;
  } else if (for_people && !o.all) {
    query.most = kScreenful;
  }
  const auto reply = get_sweeps(**link, query);
  if (!reply) return fail(context, reply.status());
  if (context.globals.json) {
    std::vector<std::string> items;
    for (const auto& s : reply->sweeps) items.push_back(json_of(s));
    print_out(json_document({{"total", std::to_string(reply->total)},
                             {"sweeps", json_array(items)},
                             {"trouble", json_trouble(get_broker(**link))}}));
    return kExitOk;
  }
  say(context, trouble_line(get_broker(**link), context.terminal.err_color));
  if (reply->total == 0 && context.terminal.out_is_tty) {
    say(context, o.project.empty()
                     ? "no sweeps yet at " + (*link)->place() +
                           "; `scopa create FILE` or `scopa run FILE` makes one\n"
                     : "no sweeps of project `" + printable(o.project, 100) + "` at " +
                           (*link)->place() + "; `scopa ls` has those of all projects\n");
    return kExitOk;
  }
  print_out(table_of(reply->sweeps).text(context.terminal));
  if (context.terminal.out_is_tty && reply->sweeps.size() < reply->total) {
    print_out(
        "  " +
        styled("… " + std::to_string(reply->total - reply->sweeps.size()) + " older: -n N or --all",
               Style::kDim, context.terminal.out_color) +
        "\n");
  }
  for (const auto& s : reply->sweeps) {
    if (s.notices.empty() || !context.terminal.out_is_tty) continue;
    say(context, "  " + styled("note", Style::kYellow, context.terminal.err_color) + "  " + s.id +
                     ": " + printable(s.notices.back(), 400) + "\n");
  }
  return kExitOk;
}

}  // namespace

void declare_ls(Args& args) {
  auto o = std::make_shared<LsOptions>();
  args.description(
      "Lists the sweeps, the newest first: of the broker, or of the store in this folder when no "
      "broker runs. On a terminal the 50 newest, in a pipe and with --json all of them.");
  args.number("-n,--lines", "N", &o->lines, "so many at most", {});
  args.flag("-a,--all", &o->all, "all of them, also on a terminal");
  args.text("--project", "NAME", &o->project, "only those whose sweep file names this `project`");
  args.example("scopa ls", "sweeps of the broker on this machine, or of ./.scopa");
  args.example("scopa ls --json | jq -r '.sweeps[].id'", "the ids alone");
  args.action([o](Context& c) { return list_sweeps(c, *o); });
}

}  // namespace scopa::cli
