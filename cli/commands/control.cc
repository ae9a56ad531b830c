// pause, resume, stop, cancel.
#include <memory>

#include "cli/commands/commands.h"
#include "cli/errors.h"
#include "cli/json.h"
#include "cli/query.h"
#include "sdk/base/limits.h"

namespace scopa::cli {
namespace {

struct ControlOptions {
  std::string sweep;
  std::uint64_t run_cap = 0;
  bool retry_failed = false;
};

std::string what_now(wire::Action action, const wire::SweepInfo& s, bool broker) {
  const std::string running =
      s.counts.running == 0 ? "" : "; " + std::to_string(s.counts.running) + " running";
  switch (action) {
    case wire::Action::kPause:
      return "running trials go on, no new ones start" + running + "; `scopa resume " + s.id +
             "` goes on";
    case wire::Action::kResume:
      return broker ? "workers: `scopa worker " + s.id + "`"
                    : "no broker runs here: `scopa run --resume " + s.id + "` goes on";
    case wire::Action::kStop:
      return "no new trials start" + running + "; `scopa resume " + s.id + "` would go on";
    case wire::Action::kCancel:
      return s.counts.running == 0 ? "nothing was running; what was logged is kept"
                                   : "running trials are being ended" + running;
    case wire::Action::kLift:  // of `scopa quarantine`
      break;
  }
  return {};
}

int control(Context& context, const ControlOptions& o, wire::Action action) {
  auto link = connect(context, Access::kWrite);
  if (!link) return fail(context, link.status());
  const auto sweep = get_sweep(**link, o.sweep);
  if (!sweep) return fail(context, sweep.status());
  wire::Control request;
  request.sweep = sweep->id;
  request.action = static_cast<std::uint8_t>(action);
  request.run_cap = o.run_cap;
  request.retry_failed = o.retry_failed;
  const auto done = ask<wire::Done>(**link, std::move(request));
  if (!done) return fail(context, done.status());
  const std::string state(name_of(static_cast<SweepState>(done->state)));
  if (context.globals.json) {
    print_out(json_document({{"sweep", json_text(sweep->id)},
                             {"name", json_text(sweep->name)},
                             {"state", json_text(state)}}));
    return kExitOk;
  }
  print_out(sweep->id + (context.terminal.out_is_tty ? "  " : "\t") + state + "\n");
  const auto now = get_sweep(**link, sweep->id);
  say(context, what_now(action, now ? *now : *sweep, (*link)->is_broker()) + "\n");
  return kExitOk;
}

std::shared_ptr<ControlOptions> declare(Args& args, wire::Action action) {
  auto o = std::make_shared<ControlOptions>();
  args.positional("SWEEP", &o->sweep, "id, prefix of an id, name, or @last");
  args.action([o, action](Context& c) { return control(c, *o, action); });
  return o;
}

}  // namespace

void declare_pause(Args& args) {
  args.description(
      "No new trials are handed out until `scopa resume`. Running ones go on, and workers wait.");
  declare(args, wire::Action::kPause);
  args.example("scopa pause fox-1", "leave the GPUs to someone else for an hour");
}

void declare_resume(Args& args) {
  args.description(
      "Goes on with a paused, stopped or finished sweep: what has been learnt so far is kept. A "
      "finished sweep needs a higher cap, or failed trials to retry. Quarantined workers are let "
      "in again.");
  auto o = declare(args, wire::Action::kResume);
  args.number("--run-cap", "N", &o->run_cap, "the sweep's new cap: N trials in all",
              {1, limits::kTrialsMax});
  args.flag("--retry-failed", &o->retry_failed, "failed trials go back to the queue");
  args.example("scopa resume fox-1 --run-cap 50", "a finished sweep of 30 gets 20 more trials");
  args.example("scopa resume fox-1 --retry-failed", "after the trainer has been fixed");
}

void declare_stop(Args& args) {
  args.description(
      "Lets running trials end by themselves and starts no more; then the sweep is finished and "
      "its workers leave.");
  declare(args, wire::Action::kStop);
  args.example("scopa stop fox-1", "good enough: end it gently");
}

void declare_cancel(Args& args) {
  args.description(
      "Ends running trials now: their trainers are told to stop, then killed. What they logged is "
      "kept. A cancelled sweep cannot be resumed.");
  declare(args, wire::Action::kCancel);
  args.example("scopa cancel fox-1", "it was the wrong data set");
}

}  // namespace scopa::cli
