#include <memory>

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

Table::Cell best_cell(const wire::SweepInfo& s) {
  if (!s.has_best) return {"-", " ", Style::kDim};
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
               {"workers", Align::kRight, false, false},
               {"created", Align::kLeft, false, false}});
  const std::int64_t now = now_us();
  for (auto s = sweeps.rbegin(); s != sweeps.rend(); ++s) {
    const auto state = static_cast<SweepState>(s->state);
    const std::string method = s->method + (s->pruner.empty() ? "" : " + " + s->pruner);
    table.add(
        {{s->id, "", Style::kPlain},
         {printable(s->name, 100), s->name.empty() ? " " : "", Style::kPlain},
         {std::string(name_of(state)), "", style_of(state)},
         {trials_cell(*s), "", Style::kPlain},
         best_cell(*s),
         {printable(s->metric, 100), s->metric.empty() ? " " : "", Style::kPlain},
         {method, "", Style::kPlain},
         {std::to_string(s->counts.running), "", Style::kPlain},
         {std::to_string(s->counts.failed), "", s->counts.failed > 0 ? Style::kRed : Style::kPlain},
         {std::to_string(s->workers), "", Style::kPlain},
         {ago(s->created_us, now), analysis::iso_time(s->created_us), Style::kDim}});
  }
  return table;
}

int list_sweeps(Context& context) {
  auto link = connect(context, Access::kRead);
  if (!link) return fail(context, link.status());
  auto reply = ask<wire::Sweeps>(**link, wire::ListSweeps{});
  if (!reply) return fail(context, reply.status());
  if (context.globals.json) {
    std::vector<std::string> items;
    for (const auto& s : reply->sweeps) items.push_back(json_of(s));
    print_out(json_document(
        {{"sweeps", json_array(items)}, {"trouble", json_trouble(get_broker(**link))}}));
    return kExitOk;
  }
  say(context, trouble_line(get_broker(**link), context.terminal.err_color));
  if (reply->sweeps.empty() && context.terminal.out_is_tty) {
    say(context, "no sweeps yet at " + (*link)->place() +
                     "; `scopa create FILE` or `scopa run FILE` makes one\n");
    return kExitOk;
  }
  print_out(table_of(reply->sweeps).text(context.terminal));
  for (const auto& s : reply->sweeps) {
    if (s.notices.empty() || !context.terminal.out_is_tty) continue;
    say(context, "  " + styled("note", Style::kYellow, context.terminal.err_color) + "  " + s.id +
                     ": " + printable(s.notices.back(), 400) + "\n");
  }
  return kExitOk;
}

}  // namespace

void declare_ls(Args& args) {
  args.description(
      "Lists all sweeps, the newest first: of the broker, or of the store in this folder when no "
      "broker runs.");
  args.example("scopa ls", "sweeps of the broker on this machine, or of ./.scopa");
  args.example("scopa ls --json | jq -r '.sweeps[].id'", "the ids alone");
  args.action(list_sweeps);
}

}  // namespace scopa::cli
