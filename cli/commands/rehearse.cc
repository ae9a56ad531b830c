#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "cli/commands/commands.h"
#include "cli/errors.h"
#include "cli/interrupt.h"
#include "cli/output_file.h"
#include "cli/rehearsal_objective.h"
#include "cli/rehearsal_report.h"
#include "cli/rehearsal_runs.h"
#include "cli/sweep_file.h"
#include "rehearsal/fit.h"
#include "sdk/base/limits.h"
#include "sdk/base/text.h"

namespace scopa::cli {
namespace {

constexpr const char* kRehearseUsage = "scopa rehearse";

struct RehearseOptions {
  std::vector<std::string> files;
  bool compare = false;
  ObjectiveChoice on;
  std::vector<std::string> workers;
  std::uint64_t seeds = 20, first_seed = 1, trials = 0;
  std::string hours, target, csv, patience;
};

Failure wrong_usage(std::string message) {
  Failure failure;
  failure.exit = kExitUsage;
  failure.code = "S102";
  failure.message = std::move(message);
  failure.help = std::string("see `") + kRehearseUsage + " --help`";
  return failure;
}

/// A sweep file that does not fit what it is rehearsed on, or those beside it.
Failure wrong_file(const SweepFile& file, const std::string& path, const std::string& message,
                   std::string help) {
  Failure failure;
  failure.exit = kExitInvalid;
  failure.code = "S133";
  failure.message = file.name + ": " + path + ": " + message;
  failure.help = std::move(help);
  failure.file = file.name;
  return failure;
}

bool read_real(const std::string& text, double* value) {
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, *value);
  return read.ec == std::errc() && read.ptr == end && std::isfinite(*value);
}

std::optional<Failure> check_choice(const ObjectiveChoice& on) {
  const int given = static_cast<int>(!on.from.empty()) + static_cast<int>(!on.problem.empty()) +
                    static_cast<int>(!on.evaluator.empty());
  if (given != 1) {
    return wrong_usage("one of --from, --problem and --evaluator must say what to rehearse on");
  }
  if (!on.problem.empty() && on.data.empty()) {
    return wrong_usage("--problem needs --data, the folder that has it");
  }
  if (on.problem.empty() && !on.data.empty()) return wrong_usage("--data goes with --problem");
  return std::nullopt;
}

std::optional<Failure> read_numbers(RehearseOptions* o, RehearsalPlan* plan) {
  double hours = 0;
  if (!o->hours.empty()) {
    if (!read_real(o->hours, &hours) || !(hours > 0) || hours > 1e9) {
      return wrong_usage("--hours takes a number above 0, like 1.5");
    }
    plan->seconds = hours * 3600;
  }
  double target = 0;
  if (!o->target.empty()) {
    if (!read_real(o->target, &target)) return wrong_usage("--target takes a number");
    plan->target = target;
  }
  double patience = 0;
  if (!o->patience.empty()) {
    if (!read_real(o->patience, &patience) || !(patience > 0) || patience > 1e6) {
      return wrong_usage("--answer-within takes seconds, like 60");
    }
    o->on.patience = std::chrono::milliseconds(std::llround(std::ceil(patience * 1000)));
  }
  plan->seeds = o->seeds;
  plan->first_seed = o->first_seed;
  plan->trials = o->trials;
  return std::nullopt;
}

std::optional<Failure> read_workers(const RehearseOptions& o, std::vector<std::uint64_t>* counts) {
  if (o.workers.empty()) counts->push_back(8);
  for (const std::string& text : split_lists(o.workers)) {
    std::uint64_t count = 0;
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, count);
    if (read.ec != std::errc() || read.ptr != end || count == 0 ||
        count > limits::kRehearsalWorkersMax) {
      return wrong_usage("--workers takes 1 to " + std::to_string(limits::kRehearsalWorkersMax) +
                         ", or several of these: 4,8,16");
    }
    counts->push_back(count);
  }
  return std::nullopt;
}

/// Every file with every number of workers.
std::optional<Failure> add_settings(const std::vector<SweepFile>& files,
                                    const std::vector<std::uint64_t>& workers,
                                    RehearsalPlan* plan) {
  if (files.size() * workers.size() > limits::kRehearsalSettingsMax) {
    return wrong_usage("more than " + std::to_string(limits::kRehearsalSettingsMax) +
                       " settings; compare fewer at a time");
  }
  std::set<std::string> names;
  for (const SweepFile& file : files) {
    for (const std::uint64_t count : workers) {
      const std::string base = file.name + (workers.size() > 1 ? " ×" + std::to_string(count) : "");
      std::string name = base;
      for (int k = 2; !names.insert(name).second; ++k) name = base + " (" + std::to_string(k) + ")";
      plan->settings.push_back({std::move(name), file, count});
    }
  }
  return std::nullopt;
}

/// All are measured by one metric.
std::optional<Failure> take_metric(const std::vector<SweepFile>& files, RehearsalPlan* plan) {
  for (const SweepFile& file : files) {
    if (!file.spec.metric) {
      return wrong_file(file, "metric", "it has none, and nothing can be compared",
                        "add `metric: {name: ..., goal: ...}`");
    }
    const spec::Metric& first = *files[0].spec.metric;
    if (file.spec.metric->name != first.name || file.spec.metric->goal != first.goal) {
      return wrong_file(file, "metric",
                        "it is another one than in " + files[0].name + ", `" +
                            printable(first.name, 64) + "` to " + std::string(name_of(first.goal)),
                        "settings are compared by one metric");
    }
    if (!plan->target && file.spec.metric->target) plan->target = file.spec.metric->target;
  }
  plan->metric = files[0].spec.metric->name;
  plan->goal = files[0].spec.metric->goal;
  return std::nullopt;
}

/// What shares are taken of: the same kind of budget for all.
std::optional<Failure> take_budget(const std::vector<SweepFile>& files, RehearsalPlan* plan) {
  if (plan->seconds > 0) {
    plan->budget.seconds = plan->seconds;
    return std::nullopt;
  }
  plan->budget.trials = plan->trials;
  if (plan->trials > 0) return std::nullopt;
  const auto budget_of = [](const SweepFile& file) {
    rehearsal::Budget budget;
    if (const auto& wall = file.spec.budget.wall_time) {
      budget.seconds = std::chrono::duration<double>(*wall).count();
    } else {
      budget.trials = file.spec.run_cap;
    }
    return budget;
  };
  plan->budget = budget_of(files[0]);
  for (const SweepFile& file : files) {
    const rehearsal::Budget budget = budget_of(file);
    if (budget.seconds == plan->budget.seconds && budget.trials == plan->budget.trials) continue;
    return wrong_usage(file.name + " and " + files[0].name +
                       " end differently (`run_cap`, `budget.wall_time`); give both the same "
                       "--trials or --hours");
  }
  const bool ends = plan->budget.seconds > 0 || plan->budget.trials > 0 ||
                    files[0].spec.budget.device_time || files[0].spec.method == spec::Method::kGrid;
  if (ends) return std::nullopt;
  return wrong_usage("nothing ends " + files[0].name + "; give it --trials or --hours");
}

std::optional<Failure> check_fit(const std::vector<SweepFile>& files,
                                 RehearsalObjective* objective) {
  if (!objective->spec) return std::nullopt;
  std::set<std::string> told;
  for (const SweepFile& file : files) {
    const spec::Metric& metric = *file.spec.metric;
    const auto& known = objective->metrics;
    if (std::find(known.begin(), known.end(), metric.name) == known.end()) {
      std::string names;
      for (const std::string& name : known) {
        names += (names.empty() ? "" : ", ") + printable(name, 64);
      }
      return wrong_file(file, "metric.name",
                        objective->name + " has no `" + printable(metric.name, 64) + "`",
                        names.empty() ? "it has logged no metric" : "it has " + names);
    }
    const auto& own = objective->spec->metric;
    if (own && own->name == metric.name && own->goal != metric.goal) {
      return wrong_file(file, "metric.goal",
                        objective->name + " is to " + std::string(name_of(own->goal)) + " it",
                        "set `goal: " + std::string(name_of(own->goal)) + "`");
    }
    rehearsal::Fit fit = rehearsal::fit_of(file.spec, *objective->spec, objective->name);
    if (fit.misfit)
      return wrong_file(file, fit.misfit->path, fit.misfit->message, fit.misfit->help);
    for (std::string& remark : fit.remarks) {
      if (told.insert(remark).second) objective->remarks.push_back(std::move(remark));
    }
  }
  return std::nullopt;
}

/// An error of the objective or of a run.
Failure rehearsal_failure(const Status& status, bool by_evaluator) {
  Failure failure = failure_of(status);
  if (by_evaluator) {
    failure.code = "S134";
    failure.exit = kExitFailed;
  }
  return failure;
}

int print_rehearsal(const Context& context, const RehearseOptions& o,
                    const RehearsalReport& report) {
  if (!o.csv.empty()) {
    auto sink = OutputFile::open(o.csv);
    if (!sink) return fail(context, sink.status());
    (*sink)->write(rehearsal_csv(report));
    if (const Status status = (*sink)->finish(); !status) return fail(context, status);
    if (o.csv == "-") return kExitOk;
  }
  if (context.globals.json) {
    print_out(rehearsal_json(report));
    return kExitOk;
  }
  for (const std::string& remark : report.remarks) say(context, "note: " + remark + "\n");
  print_out(rehearsal_text(report, context.terminal));
  return kExitOk;
}

int rehearse_on(const Context& context, const RehearseOptions& o,
                const std::vector<SweepFile>& files, const RehearsalPlan& plan) {
  Interrupts interrupts;
  const std::function<bool()> leave = [&] { return interrupts.count() > 0; };
  const auto left = [&] {
    say(context, "interrupted; nothing has been measured to its end\n");
    return interrupts.exit_code();
  };
  auto objective = open_objective(context, o.on, *files[0].spec.metric, leave);
  if (leave()) return left();
  if (!objective) return fail(context, objective.status());
  if (const auto failure = check_fit(files, &*objective)) return fail(context, *failure);
  const auto outcomes = run_rehearsals(context, plan, *objective, leave);
  if (leave()) return left();
  if (!outcomes) {
    return fail(context, rehearsal_failure(outcomes.status(), objective->one_thread));
  }
  return print_rehearsal(context, o, RehearsalReport(plan, *objective, *outcomes));
}

int rehearse_files(Context& context, RehearseOptions o) {
  RehearsalPlan plan;
  std::vector<std::uint64_t> workers;
  if (const auto failure = check_choice(o.on)) return fail(context, *failure);
  if (const auto failure = read_numbers(&o, &plan)) return fail(context, *failure);
  if (const auto failure = read_workers(o, &workers)) return fail(context, *failure);
  std::vector<SweepFile> files;
  for (const std::string& path : o.files) {
    int exit = kExitOk;
    if (!read_sweep_file(context, path, &files.emplace_back(), &exit)) return exit;
  }
  if (const auto failure = take_metric(files, &plan)) return fail(context, *failure);
  if (const auto failure = take_budget(files, &plan)) return fail(context, *failure);
  if (const auto failure = add_settings(files, workers, &plan)) return fail(context, *failure);
  if (o.compare && plan.settings.size() < 2) {
    return fail(context,
                wrong_usage("--compare takes two sweep files or more, or several --workers"));
  }
  return rehearse_on(context, o, files, plan);
}

}  // namespace

void declare_rehearse(Args& args) {
  auto o = std::make_shared<RehearseOptions>();
  args.description(
      "Runs a sweep file in virtual time, with the broker's own samplers and pruners and as many "
      "workers as wanted, on trainings that are known beforehand: seconds for what takes GPU-days. "
      "Shows what would be found and when, what it would cost, and where trials would be stopped; "
      "of several files or numbers of workers, side by side, which one is better and whether that "
      "is certain. Nothing is trained, and nothing is stored.");
  args.positionals("FILE", &o->files, "sweep files, YAML or JSON; the first one is compared with");
  args.flag("--compare", &o->compare, "demand at least two settings to compare");
  args.text("--from", "SWEEP", &o->on.from,
            "on a sweep that has run: a configuration trains as the recorded trial nearest to it");
  args.text("--problem", "ID", &o->on.problem, "on a surrogate or a test function of --data");
  args.text("--data", "DIR", &o->on.data, "folder of problems and networks, or one list of them");
  args.text("--evaluator", "COMMAND", &o->on.evaluator,
            "on a program that answers configurations with curves, JSON lines");
  args.texts("--workers", "N", &o->workers, "how many (8); several to compare: 4,8,16");
  args.number("--seeds", "N", &o->seeds, "how many runs of each setting (20)",
              {1, limits::kRehearsalSeedsMax});
  args.number("--first-seed", "N", &o->first_seed, "their seeds are N, N + 1 ... (1)",
              {.least = 1});
  args.number("--trials", "N", &o->trials, "so many trials, instead of the file's run_cap",
              {1, limits::kRehearsalTrialsMax});
  args.text("--hours", "H", &o->hours, "virtual time, after which all ends");
  args.text("--target", "VALUE", &o->target,
            "measure the time until a trial reaches it (the file's metric.target)");
  args.text("--answer-within", "S", &o->patience, "seconds that an evaluator has to answer (60)");
  args.text("--csv", "FILE", &o->csv, "write a row for each setting and seed; - is stdout");
  args.example("scopa rehearse sweep.yaml --from fox-1 --hours 12",
               "what this file would have found, with eight workers, in the space of fox-1");
  args.example("scopa rehearse --compare eta3.yaml eta4.yaml --from fox-1 --hours 12 --seeds 50",
               "which eta is better, and is it certain");
  args.example("scopa rehearse sweep.yaml --workers 4,8,16 --evaluator './model.py' --hours 24",
               "what more GPUs would bring, by your own model of a training");
  args.action([o](Context& c) { return rehearse_files(c, *o); });
}

}  // namespace scopa::cli
