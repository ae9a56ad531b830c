#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "analysis/config_format.h"
#include "analysis/numbers.h"
#include "cli/assignments.h"
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
#include "cli/sweep_file.h"
#include "cli/sweep_screen.h"
#include "cli/token.h"
#include "sdk/base/states.h"
#include "sdk/base/text.h"
#include "worker/worker.h"

namespace scopa::cli {
namespace {

constexpr std::chrono::milliseconds kTryEvery{50};

struct TryOptions {
  std::string file;
  std::uint64_t seed = 0;
  std::vector<std::string> gpus;
  std::vector<std::string> set;
};

/// The folder of a sweep that nobody wants to keep.
class PassingFolder {
 public:
  static Result<std::unique_ptr<PassingFolder>> make() {
    const char* where = std::getenv("TMPDIR");
    std::string path =
        std::string(where == nullptr || *where == '\0' ? "/tmp" : where) + "/scopa-try-XXXXXX";
    if (mkdtemp(path.data()) == nullptr) {
      return Status(Code::kResource,
                    "cannot make the folder `" + path + "`: " + std::strerror(errno));
    }
    return std::unique_ptr<PassingFolder>(new PassingFolder(std::move(path)));
  }
  ~PassingFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  PassingFolder(const PassingFolder&) = delete;
  PassingFolder& operator=(const PassingFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  explicit PassingFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

/// What the trainer prints, as it comes.
class Output {
 public:
  Output(const Context& context, std::string path) : context_(context), path_(std::move(path)) {}

  void copy() {
    if (!file_.is_open()) file_.open(path_, std::ios::binary);
    if (!file_.is_open()) return;
    file_.clear();
    char buffer[1 << 14];
    while (file_.read(buffer, sizeof buffer), file_.gcount() > 0) {
      std::string text(buffer, static_cast<std::size_t>(file_.gcount()));
      std::erase(text, '\0');
      ends_in_line_ = text.empty() ? ends_in_line_ : text.back() == '\n';
      write(text);
      file_.clear();
    }
    if (!context_.globals.json) std::fflush(stdout);
  }
  void finish() {
    copy();
    if (!ends_in_line_) write("\n");
  }

 private:
  void write(const std::string& text) {
    if (context_.globals.json) return say(context_, text);
    print_out(text);
  }

  const Context& context_;
  std::string path_;
  std::ifstream file_;
  bool ends_in_line_ = true;
};

/// What came of one metric.
struct Came {
  std::string name;
  std::uint64_t values = 0;
  std::int64_t step = 0;
  double last = 0;
};

std::vector<Came> what_came(const PointBlock& points) {
  std::vector<Came> all(points.metrics.size());
  for (std::size_t m = 0; m < all.size(); ++m) all[m].name = points.metrics[m];
  for (std::size_t i = 0; i < points.size(); ++i) {
    Came& came = all[points.metric[i]];
    ++came.values;
    came.step = points.step[i];
    came.last = points.value[i];
  }
  std::erase_if(all, [](const Came& came) { return came.values == 0; });
  return all;
}

struct Tried {
  wire::SweepInfo sweep;
  wire::TrialInfo trial;
  std::vector<Came> metrics;
  std::vector<std::string> command;
  int interrupted = 0;
};

bool succeeded(const Tried& tried) {
  return static_cast<TrialState>(tried.trial.state) == TrialState::kCompleted &&
         (tried.sweep.metric.empty() || tried.trial.has_value);
}

/// Empty where it was logged.
std::string missing_metric(const Tried& tried) {
  const std::string& goal = tried.sweep.metric;
  if (goal.empty() || tried.trial.has_value) return {};
  std::string names;
  std::vector<std::string> known;
  for (const Came& came : tried.metrics) {
    if (came.name == goal) return "`" + printable(goal, 100) + "` never had a finite value";
    known.push_back(came.name);
    names += (names.empty() ? "" : ", ") + printable(came.name, 100);
  }
  const std::string guess = closest_match(goal, known);
  return "`" + printable(goal, 100) + "` was never logged; " +
         (names.empty()
              ? "nor was anything else"
              : "what came is " + printable(names, 400) +
                    (guess.empty() ? "" : ": did you mean `" + printable(guess, 100) + "`?"));
}

std::string end_of_it(const Tried& tried) {
  const auto state = static_cast<TrialState>(tried.trial.state);
  // Its sweep would try it again: `retries`.
  std::string text(name_of(has_ended(state) ? state : TrialState::kFailed));
  if (!tried.trial.attempts.empty()) {
    const wire::AttemptInfo& attempt = tried.trial.attempts.back();
    const std::string what = split_reason(attempt.ended).what;
    if (!what.empty() && what != text) text += ": " + printable(what, 300);
    text += ", after " +
            short_duration(static_cast<double>(attempt.ended_us - attempt.started_us) / 1e6);
  }
  return text;
}

std::string report(const Context& context, const Tried& tried) {
  const Terminal& t = context.terminal;
  std::string out = "\n" + labelled("ended", end_of_it(tried), t);
  for (const Came& came : tried.metrics) {
    out += labelled(came.name == tried.sweep.metric ? "goal" : "metric",
                    printable(came.name, 100) + ": " + count_of(came.values, "value") + ", last " +
                        analysis::shortest(came.last) + " at step " + std::to_string(came.step),
                    t);
  }
  if (const std::string missing = missing_metric(tried); !missing.empty()) {
    out += labelled("goal", missing, t, Style::kRed);
  }
  for (const std::string& notice : tried.sweep.notices) {
    out += labelled("note", printable(notice, 600), t, Style::kYellow);
  }
  return out;
}

std::string report_json(const Tried& tried) {
  std::vector<std::string> metrics;
  for (const Came& came : tried.metrics) {
    metrics.push_back(json_object({{"name", json_text(came.name)},
                                   {"values", std::to_string(came.values)},
                                   {"last", json_number(came.last)},
                                   {"last_step", std::to_string(came.step)}}));
  }
  const std::string ended =
      tried.trial.attempts.empty() ? "" : split_reason(tried.trial.attempts.back().ended).what;
  return json_document(
      {{"ok", succeeded(tried) ? "true" : "false"},
       {"state", json_text(name_of(static_cast<TrialState>(tried.trial.state)))},
       {"ended", ended.empty() ? "null" : json_text(ended)},
       {"params", to_json(tried.trial.params)},
       {"command", json_texts(tried.command)},
       {"goal", tried.sweep.metric.empty() ? "null" : json_text(tried.sweep.metric)},
       {"value", tried.trial.has_value ? json_number(tried.trial.value) : "null"},
       {"metrics", json_array(metrics)},
       {"notices", json_texts(tried.sweep.notices)}});
}

/// The sweep, with what was set as its only trial.
Result<SweepId> make_sweep(Link& link, const SweepFile& file, const TryOptions& o,
                           const Params& chosen) {
  wire::Create request = create_request(file);
  request.seed = o.seed;
  request.run_cap = std::max<std::uint64_t>(1, file.spec.initial.size());
  SCOPA_ASSIGN_OR_RETURN(const wire::Created created, ask<wire::Created>(link, std::move(request)));
  if (!chosen.empty()) {
    wire::Enqueue enqueue;
    enqueue.token = random_token();
    enqueue.sweep = created.sweep;
    enqueue.params = chosen;
    SCOPA_RETURN_IF_ERROR(ask<wire::Enqueued>(link, std::move(enqueue)).status());
  }
  return created.sweep;
}

/// Runs the trial to its end, its command line and its output shown.
Status train(const Context& context, const SweepFile& file, Link& link, worker::Worker& worker,
             const std::string& log, Tried* tried) {
  Interrupts interrupts;
  Output output(context, log);
  std::atomic<bool> done = false;
  Status status;
  std::thread thread([&] {
    status = worker.run();
    done = true;
  });
  worker::Leave obeyed = worker::Leave::kNot;
  bool is_shown = false;
  for (bool last = false; !last;) {
    last = done;
    if (!is_shown) {
      if (const auto trial = get_trial(link, tried->sweep.id, 0)) {
        is_shown = true;
        tried->command =
            command_line(file.spec, trial->params).value_or(std::vector<std::string>{});
        say(context, "$ " + printable(analysis::shell_line(tried->command), 2000) + "\n");
      }
    }
    output.copy();
    if (const worker::Leave how = interrupts.leave(); how > obeyed) {
      // A trial that is only tried is not waited for.
      obeyed = std::max(how, worker::Leave::kNow);
      worker.leave(obeyed);
    }
    if (!last) std::this_thread::sleep_for(kTryEvery);
  }
  thread.join();
  output.finish();
  tried->interrupted = interrupts.exit_code();
  return status;
}

Failure did_not_succeed(const TryOptions& o, const Tried& tried) {
  Failure f;
  f.code = "S136";
  const std::string missing = missing_metric(tried);
  const bool completed = static_cast<TrialState>(tried.trial.state) == TrialState::kCompleted;
  f.message = completed ? "the trainer ended well, but without a value: " + missing
                        : "the trial did not complete: " + end_of_it(tried);
  f.help = "mend the trainer" + std::string(completed ? " or `metric` in " : " or ") +
           printable(o.file, 200) + ", and try again";
  return f;
}

int run_it(Context& context, const SweepFile& file, const TryOptions& o, const Params& chosen,
           const std::string& folder) {
  quiet_logs(folder, "run.log");
  auto broker = EmbeddedBroker::start(folder, store::Durability::kProcess);
  if (!broker) return fail(context, broker.status());
  auto link = connect_to((*broker)->endpoint());
  if (!link) return fail(context, link.status());
  const auto sweep = make_sweep(**link, file, o, chosen);
  if (!sweep) return fail(context, sweep.status());
  worker::WorkerOptions options;
  options.endpoint = (*broker)->endpoint();
  options.sweep = *sweep;
  options.folder = folder;
  options.slots = options.count = 1;
  options.gpus = split_lists(o.gpus);
  options.handle_signals = false;
  options.tell = log_line;
  auto worker = worker::Worker::create(std::move(options));
  if (!worker) return fail(context, worker.status());
  Tried tried;
  tried.sweep.id = *sweep;
  const std::string log = folder + "/trials/" + *sweep + "/0/attempt-1.log";
  const Status ended = train(context, file, **link, **worker, log, &tried);
  worker->reset();
  auto info = get_sweep(**link, *sweep);
  auto trial = get_trial(**link, *sweep, 0);
  const auto points = trial ? get_points(**link, *sweep, 0)
                            : Result<std::vector<AttemptPoints>>(std::vector<AttemptPoints>{});
  if (!info) return fail(context, info.status());
  if (!trial) return fail(context, ended ? trial.status() : ended);
  if (!points) return fail(context, points.status());
  tried.sweep = std::move(*info);
  tried.trial = std::move(*trial);
  tried.metrics = what_came(joined(*points));
  print_out(context.globals.json ? report_json(tried) : report(context, tried));
  if (tried.interrupted != 0) return tried.interrupted;
  return succeeded(tried) ? kExitOk : fail(context, did_not_succeed(o, tried));
}

int try_file(Context& context, const TryOptions& o) {
  SweepFile file;
  int exit = kExitOk;
  if (!read_sweep_file(context, o.file, &file, &exit)) return exit;
  if (const auto failure = cannot_start(file.spec, file.text, file.name)) {
    return fail(context, *failure);
  }
  auto chosen = params_of(o.set);
  if (!chosen) {
    Failure f = failure_of(chosen.status());
    f.exit = kExitUsage;
    return fail(context, f);
  }
  if (!chosen->empty() && !file.spec.initial.empty()) {
    return fail_usage(context, "--set is for a file without `initial`, whose first is tried",
                      "scopa try");
  }
  survive_broken_pipes();
  const auto folder = PassingFolder::make();
  if (!folder) return fail(context, folder.status());
  return run_it(context, file, o, *chosen, (*folder)->path());
}

}  // namespace

void declare_try(Args& args) {
  auto o = std::make_shared<TryOptions>();
  args.description(
      "Trains one configuration of a sweep file here, the first that would be proposed, before a "
      "sweep is made of it: shows its command line, what it prints, and then which metrics came, "
      "whether the goal metric was among them, which parameters the trainer never read, and which "
      "lines could not be read as metrics. Nothing is kept. Exit code 0 when the trial completed "
      "with a value.");
  args.positional("FILE", &o->file, "a sweep file, YAML or JSON; - reads stdin");
  args.number("--seed", "N", &o->seed, "seed of the search, instead of the file's", {.least = 1});
  args.texts("--set", "NAME=VALUE", &o->set, "this value, the other parameters are drawn");
  args.texts("--gpus", "GPU", &o->gpus,
             "this GPU, by index or UUID; none for the CPU (the first one)");
  args.example("scopa try sweep.yaml", "does the trainer read and log what the file says");
  args.example("scopa try sweep.yaml --set lr=0.1 --set layers=8", "the largest one: does it fit");
  args.action([o](Context& c) { return try_file(c, *o); });
}

}  // namespace scopa::cli
