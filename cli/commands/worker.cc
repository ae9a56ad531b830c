#include "worker/worker.h"

#include <algorithm>
#include <chrono>
#include <memory>

#include "cli/await_broker.h"
#include "cli/board.h"
#include "cli/commands/commands.h"
#include "cli/errors.h"
#include "cli/format.h"
#include "cli/interrupt.h"
#include "cli/json.h"
#include "cli/program_check.h"
#include "cli/query.h"
#include "cli/run_summary.h"
#include "cli/supervise.h"
#include "sdk/base/limits.h"

namespace scopa::cli {
namespace {

struct WorkerFlags {
  std::string sweep;
  std::uint64_t count = 0;
  std::uint64_t slots = 0;
  std::vector<std::string> gpus;
  std::string checkpoints;
  std::string wait;
};

std::string totals_text(const worker::WorkerTotals& t) {
  std::string out = count_of(t.trials, "trial");
  auto add = [&out, first = true](std::uint64_t n, const char* what) mutable {
    if (n == 0) return;
    out += (first ? ": " : ", ") + std::to_string(n) + " " + what;
    first = false;
  };
  add(t.completed, "completed");
  add(t.pruned, "pruned");
  add(t.diverged, "diverged");
  add(t.failed, "failed");
  add(t.cancelled, "cancelled");
  add(t.requeued, "given back");
  return out;
}

std::string totals_json(const worker::WorkerTotals& t) {
  return json_object({{"trials", std::to_string(t.trials)},
                      {"completed", std::to_string(t.completed)},
                      {"pruned", std::to_string(t.pruned)},
                      {"diverged", std::to_string(t.diverged)},
                      {"failed", std::to_string(t.failed)},
                      {"cancelled", std::to_string(t.cancelled)},
                      {"requeued", std::to_string(t.requeued)}});
}

int work(Context& context, const WorkerFlags& o) {
  const auto patience = patience_of(o.wait);
  if (!patience)
    return fail_usage(context, "--wait: " + patience.status().message(), "scopa worker");
  survive_broken_pipes();
  auto link = await_broker(context, *patience);
  if (!link) return fail(context, link.status());
  const auto sweep = get_sweep(**link, o.sweep);
  if (!sweep) return fail(context, sweep.status());
  if (const auto failure = cannot_start(**link, *sweep, context)) return fail(context, *failure);
  worker::WorkerOptions options;
  options.endpoint = (*link)->place();
  options.keys = (*link)->keys();
  options.sweep = sweep->id;
  options.folder = context.folder();
  options.slots = static_cast<std::uint32_t>(o.slots);
  options.gpus = split_lists(o.gpus);
  options.count = o.count;
  options.checkpoints = o.checkpoints;
  options.patience = std::max<std::chrono::microseconds>(*patience, options.patience);
  options.handle_signals = false;
  Lines lines;
  options.tell = [&lines](std::string_view line) { lines.push(line); };
  auto worker = worker::Worker::create(std::move(options));
  if (!worker) return fail(context, worker.status());
  WorkRules rules;
  rules.poll = std::chrono::milliseconds(1000);
  rules.lines = &lines;
  const WorkEnd end = supervise(context, **worker, **link, sweep->id, rules);
  if (context.globals.json) {
    print_out(
        json_document({{"sweep", json_text(sweep->id)}, {"totals", totals_json(end.totals)}}));
  } else {
    const auto now = get_sweep(**link, sweep->id, std::chrono::milliseconds(1000));
    const std::string state = !now ? ""
                                   : "; sweep " + title_of(*now) + " is " +
                                         std::string(name_of(static_cast<SweepState>(now->state)));
    say(context, totals_text(end.totals) + state + "\n");
  }
  if (!end.status) return fail(context, end.status);
  return end.interrupted;
}

}  // namespace

void declare_worker(Args& args) {
  auto o = std::make_shared<WorkerFlags>();
  args.description(
      "Runs trials of a sweep until there are none left. Any number of workers may join and leave "
      "at any time, on any machine that reaches the broker. Ctrl-C once lets running trials end, "
      "twice gives them back to the queue, three times without time to save. SIGTERM or SIGUSR1 "
      "say that the machine is taken away: running trials save a checkpoint, if they can, and go "
      "back to the queue; SIGHUP does so when the terminal is closed. While the broker is away "
      "training goes on, and what was logged is delivered later.");
  args.positional("SWEEP", &o->sweep, "id, prefix of an id, name, or @last");
  args.number("-n,--count", "N", &o->count, "leave after N trials", {.least = 1});
  args.number("--slots", "N", &o->slots, "trials at a time (one per GPU, or 1)",
              {1, limits::kSlotsMax});
  args.texts("--gpus", "GPU", &o->gpus,
             "these GPUs alone, by index or UUID, e.g. 0,1; none for the CPU");
  args.text("--checkpoints", "DIR", &o->checkpoints,
            "where trainers save checkpoints; on a disk that machines share, a trial goes on on "
            "any of them (default: the trial folders)");
  args.text(
      "--wait", "DURATION", &o->wait,
      "for a broker that is away, at the start and between trials, e.g. 1h; 0: not at all (1m; "
      "10m under SLURM)");
  args.example("scopa worker fox-1 --count 5", "five trials, then leave");
  args.example("scopa worker k3v9q2ha --url tcp://head:7654", "on another machine");
  args.example("CUDA_VISIBLE_DEVICES=0 scopa worker fox-1", "on one GPU; SLURM sets it by itself");
  args.action([o](Context& c) { return work(c, *o); });
}

}  // namespace scopa::cli
