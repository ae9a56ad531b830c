#include <memory>

#include "cli/commands/commands.h"
#include "cli/errors.h"
#include "cli/json.h"
#include "cli/query.h"
#include "sdk/base/text.h"

namespace scopa::cli {
namespace {

struct QuarantineOptions {
  std::string sweep = "@last";
  std::vector<std::string> lift;
};

Status lift_all(Link& link, const SweepId& sweep, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    wire::Control request;
    request.sweep = sweep;
    request.action = static_cast<std::uint8_t>(wire::Action::kLift);
    request.worker = name;
    const auto done = ask<wire::Done>(link, std::move(request));
    if (!done) return done.status();
  }
  return Status::ok();
}

int quarantine(Context& context, const QuarantineOptions& o) {
  const std::vector<std::string> names = split_lists(o.lift);
  auto link = connect(context, names.empty() ? Access::kRead : Access::kWrite);
  if (!link) return fail(context, link.status());
  const auto sweep = get_sweep(**link, o.sweep);
  if (!sweep) return fail(context, sweep.status());
  if (const Status lifted = lift_all(**link, sweep->id, names); !lifted) {
    return fail(context, lifted);
  }
  const auto now = get_sweep(**link, sweep->id);
  if (!now) return fail(context, now.status());
  if (context.globals.json) {
    print_out(json_document({{"sweep", json_text(now->id)},
                             {"name", json_text(now->name)},
                             {"quarantined", json_texts(now->quarantined)}}));
    return kExitOk;
  }
  for (const std::string& each : now->quarantined) print_out(printable(each, 600) + "\n");
  if (now->quarantined.empty()) {
    say(context, names.empty() ? "nobody is quarantined\n" : "nobody is quarantined any more\n");
  } else {
    say(context, "in order again? `scopa quarantine " + now->id +
                     " --lift NAME` lets a worker or host in, `scopa resume " + now->id +
                     "` all\n");
  }
  return kExitOk;
}

}  // namespace

void declare_quarantine(Args& args) {
  auto o = std::make_shared<QuarantineOptions>();
  args.description(
      "Lists the workers and hosts that get no more trials of the sweep because theirs failed "
      "again "
      "and again while those of others did not, and lets them in again. Their last failed trials "
      "have "
      "been put back into the queue.");
  args.optional_positional("SWEEP", &o->sweep, "id, prefix of an id, name, or @last (the default)");
  args.texts("--lift", "NAME", &o->lift,
             "lets this worker, or this host and its workers, in again");
  args.example("scopa quarantine fox-1", "who is out, and why");
  args.example("scopa quarantine fox-1 --lift gpu-03", "its disk has room again");
  args.action([o](Context& c) { return quarantine(c, *o); });
}

}  // namespace scopa::cli
