#include <memory>
#include <optional>

#include "analysis/leaderboard.h"
#include "analysis/savings.h"
#include "cli/board.h"
#include "cli/commands/commands.h"
#include "cli/embedded_broker.h"
#include "cli/errors.h"
#include "cli/format.h"
#include "cli/interrupt.h"
#include "cli/json.h"
#include "cli/program_check.h"
#include "cli/query.h"
#include "cli/quiet_logs.h"
#include "cli/run_summary.h"
#include "cli/store_user.h"
#include "cli/supervise.h"
#include "cli/sweep_file.h"
#include "cli/sweep_plan.h"
#include "cli/sweep_words.h"
#include "sdk/base/limits.h"

namespace scopa::cli {
namespace {

struct RunOptions {
  std::string file;
  std::string resume;
  std::string name;
  std::uint64_t run_cap = 0;
  std::uint64_t seed = 0;
  std::uint64_t slots = 0;
  std::vector<std::string> gpus;
  bool retry_failed = false;
  std::string durability = "power";
};

Result<SweepId> create_sweep(Link& link, const SweepFile& file, const RunOptions& o) {
  wire::Create request = create_request(file);
  request.name = o.name;
  request.seed = o.seed;
  request.run_cap = o.run_cap;
  SCOPA_ASSIGN_OR_RETURN(wire::Created created, ask<wire::Created>(link, std::move(request)));
  return std::move(created.sweep);
}

/// With *failure set where no trial of the sweep could be started: then it stays as it is.
Result<SweepId> resume_sweep(const Context& context, Link& link, const RunOptions& o,
                             std::optional<Failure>* failure) {
  SCOPA_ASSIGN_OR_RETURN(wire::SweepInfo sweep, get_sweep(link, o.resume));
  if (static_cast<SweepState>(sweep.state) != SweepState::kCancelled) {
    sweep.state = static_cast<std::uint8_t>(SweepState::kRunning);  // as it would be
  }
  *failure = cannot_start(link, sweep, context);
  if (*failure) return sweep.id;
  wire::Control request;
  request.sweep = sweep.id;
  request.action = static_cast<std::uint8_t>(wire::Action::kResume);
  request.run_cap = o.run_cap;
  request.retry_failed = o.retry_failed;
  SCOPA_RETURN_IF_ERROR(ask<wire::Done>(link, std::move(request)).status());
  return sweep.id;
}

std::string json_summary(const Snapshot& snapshot) {
  JsonFields fields = {{"sweep", json_of(snapshot.sweep)}};
  std::vector<std::string> items;
  for (const auto* t : analysis::leaderboard(snapshot.trials, snapshot.goal())) {
    items.push_back(json_of(*t, snapshot.now_us));
  }
  fields.emplace_back("trials", json_array(items));
  const auto savings = analysis::pruning_savings(snapshot.trials);
  fields.emplace_back("pruning",
                      !savings ? "null"
                               : json_object({{"trials", std::to_string(savings->pruned)},
                                              {"values_spent", std::to_string(savings->spent)},
                                              {"values_saved", std::to_string(savings->not_spent)},
                                              {"share_saved", json_number(savings->share())},
                                              {"seconds_saved", json_number(savings->seconds)}}));
  return json_document(fields);
}

/// Something was tried, and nothing came of it.
bool nothing_worked(const wire::SweepInfo& s) {
  return s.counts.failed > 0 &&
         s.counts.completed + s.counts.pruned + s.counts.diverged + s.counts.running == 0;
}

int conclude(const Context& context, Link& link, const SweepId& sweep, const WorkEnd& end) {
  const auto snapshot = get_snapshot(link, sweep);
  if (!snapshot) return fail(context, snapshot.status());
  if (context.globals.json) {
    print_out(json_summary(*snapshot));
  } else if (!end.paused_itself || analysis::best_k(snapshot->trials, snapshot->goal(), 1).size()) {
    print_out(run_board(context, *snapshot));
    say(context, run_closing(context, *snapshot, get_spec(link, sweep)));
  }
  if (end.paused_itself) return fail(context, trials_fail(context, *snapshot));
  if (!end.status) return fail(context, end.status);
  if (end.interrupted != 0) return end.interrupted;
  if (nothing_worked(snapshot->sweep)) {
    Failure f = trials_fail(context, *snapshot);
    f.message = "no trial succeeded: " + counts_text(snapshot->sweep);
    return fail(context, f);
  }
  return kExitOk;
}

int run_trials(const Context& context, EmbeddedBroker& broker, Link& link, const SweepId& sweep,
               const RunOptions& o) {
  worker::WorkerOptions options;
  options.endpoint = broker.endpoint();
  options.sweep = sweep;
  options.folder = context.folder();
  options.slots = static_cast<std::uint32_t>(o.slots);
  options.gpus = split_lists(o.gpus);
  options.handle_signals = false;
  options.tell = log_line;
  auto worker = worker::Worker::create(std::move(options));
  if (!worker) return fail(context, worker.status());
  WorkRules rules;
  rules.leave_when_paused_by_failures = true;
  rules.go_on = "scopa run --resume " + sweep + folder_option(context);
  rules.must_end = [&broker] { return broker.has_ended(); };
  const WorkEnd end = supervise(context, **worker, link, sweep, rules);
  worker->reset();
  if (broker.has_ended()) return fail(context, broker.finish());
  return conclude(context, link, sweep, end);
}

/// Two of them do not fit into a folder, but a sweep more does.
Status in_use_elsewhere(const Context& context, const Status& status) {
  if (status.code() != Code::kConflict || !store_user(context.folder())) return status;
  const std::string dir = folder_option(context);
  return {status.code(), status.message(),
          "give it the sweep: `scopa create FILE" + dir + "`, then `scopa worker @last" + dir +
              "`; or run this one in a folder of its own, with --dir"};
}

int run(Context& context, const RunOptions& o) {
  if (o.file.empty() == o.resume.empty()) {
    return fail_usage(context,
                      o.file.empty() ? "missing FILE, or --resume SWEEP"
                                     : "a FILE starts a new sweep, --resume goes on with one",
                      "scopa run");
  }
  if (!o.resume.empty() && (!o.name.empty() || o.seed != 0)) {
    return fail_usage(context, "--name and --seed are for a new sweep, not with --resume",
                      "scopa run");
  }
  if (o.resume.empty() && o.retry_failed) {
    return fail_usage(context, "--retry-failed goes with --resume", "scopa run");
  }
  SweepFile file;
  int exit = kExitOk;
  if (!o.file.empty()) {
    if (!read_sweep_file(context, o.file, &file, &exit)) return exit;
    if (const auto failure = cannot_start(file.spec, file.text, file.name)) {
      return fail(context, *failure);
    }
    say_before_launch(context, file, o.run_cap);
  }
  survive_broken_pipes();
  quiet_logs(context.folder(), "run.log");
  auto broker = EmbeddedBroker::start(context.folder(), durability_of(o.durability));
  if (!broker) return fail(context, in_use_elsewhere(context, broker.status()));
  auto link = connect_to((*broker)->endpoint());
  if (!link) return fail(context, link.status());
  std::optional<Failure> failure;
  const auto sweep =
      o.resume.empty() ? create_sweep(**link, file, o) : resume_sweep(context, **link, o, &failure);
  if (!sweep) return fail(context, sweep.status());
  if (failure) return fail(context, *failure);
  exit = run_trials(context, **broker, **link, *sweep, o);
  link->reset();
  const Status ended = (*broker)->finish();
  return ended || exit != kExitOk ? exit : fail(context, ended);
}

}  // namespace

void declare_run(Args& args) {
  auto o = std::make_shared<RunOptions>();
  args.description(
      "Runs a sweep on this machine in one process: a broker, and a worker with slots pinned to "
      "the GPUs. All it learns is kept in .scopa and survives any crash. Ctrl-C once lets running "
      "trials end, twice stops them; --resume goes on.");
  args.optional_positional("FILE", &o->file, "a sweep file, YAML or JSON; - reads stdin");
  args.text("--resume", "SWEEP", &o->resume, "go on with a sweep: id, name or @last");
  args.number("--slots", "N", &o->slots, "trials at a time (one per GPU, or 1)",
              {1, limits::kSlotsMax});
  args.texts("--gpus", "GPU", &o->gpus,
             "these GPUs alone, by index or UUID, e.g. 0,1; none for the CPU");
  args.number("--run-cap,--trials", "N", &o->run_cap, "so many trials in all, not the file's",
              {1, limits::kTrialsMax});
  args.number("--seed", "N", &o->seed, "seed of the search, instead of the file's", {.least = 1});
  args.text("--name", "NAME", &o->name, "a name instead of the file's");
  args.flag("--retry-failed", &o->retry_failed, "with --resume: failed trials are tried again");
  args.choice("--durability", "WHAT", &o->durability, {"power", "process"},
              "what an acknowledged point survives: a power cut (the default), or the death of any "
              "process");
  args.example("scopa run sweep.yaml", "everything in one process, store in ./.scopa");
  args.example("scopa run sweep.yaml --slots 2 --trials 30", "two at a time, 30 in all");
  args.example("scopa run --resume @last --run-cap 50", "go on with the last sweep, to 50 trials");
  args.action([o](Context& c) { return run(c, *o); });
}

}  // namespace scopa::cli
