// crash_soak: kills a broker, workers and trainers for as long as it is told, then audits what is
// left. Exit code 1 when a guarantee was broken.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "tests/integration/crash/crash_run.h"

namespace {

volatile std::sig_atomic_t is_called_off = 0;

struct Arguments {
  std::uint64_t seed = 0;
  std::uint64_t seconds = 60;
  std::uint64_t kills = 0;
  std::string scopa = SCOPA_EXECUTABLE;
  bool json = false;
  bool quiet = false;
  bool keep = false;
};

/// A store that holds too much makes restarts slow and kills rare: a long soak is many runs.
constexpr std::uint64_t kSecondsOfARun = 180;

struct Totals {
  std::uint64_t runs = 0, violations = 0;
  std::uint64_t kills = 0, trials = 0, attempts = 0, trainers = 0, acknowledgements = 0, points = 0;
  std::map<std::string, std::uint64_t> faults;
  std::vector<std::uint64_t> violated;

  void add(std::uint64_t seed, const scopa::test::CrashReport& report) {
    ++runs;
    violations += report.violations.size();
    if (!report.violations.empty()) violated.push_back(seed);
    kills += report.kills;
    trials += report.trials;
    attempts += report.attempts;
    trainers += report.trainers;
    acknowledgements += report.acknowledgements;
    points += report.points;
    for (const auto& [fault, count] : report.faults) faults[fault] += count;
  }
};

void print(const Totals& totals, const Arguments& arguments, double seconds) {
  if (arguments.json) {
    const nlohmann::json json = {{"first_seed", arguments.seed},
                                 {"runs", totals.runs},
                                 {"violations", totals.violations},
                                 {"violated", totals.violated},
                                 {"seconds", seconds},
                                 {"kills", totals.kills},
                                 {"trials", totals.trials},
                                 {"attempts", totals.attempts},
                                 {"trainers", totals.trainers},
                                 {"acknowledgements", totals.acknowledgements},
                                 {"points", totals.points},
                                 {"faults", totals.faults}};
    std::printf("%s\n", json.dump(2).c_str());
    return;
  }
  const auto number = [](std::uint64_t n) { return static_cast<unsigned long long>(n); };
  std::printf(
      "%llu runs, %llu kills in %.0f s, %llu violations; %llu trials, %llu attempts, %llu "
      "trainers; %llu acknowledgements overheard, %llu points compared\n",
      number(totals.runs), number(totals.kills), seconds, number(totals.violations),
      number(totals.trials), number(totals.attempts), number(totals.trainers),
      number(totals.acknowledgements), number(totals.points));
  for (const auto& [fault, count] : totals.faults) {
    std::printf("  %-36s %llu\n", fault.c_str(), number(count));
  }
}

/// One run; its folder stays when it broke a guarantee.
scopa::test::CrashReport run_once(const scopa::test::CrashPlan& plan, bool keep) {
  std::string folder = std::filesystem::temp_directory_path() / "scopa-crash-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) {
    scopa::test::CrashReport report;
    report.violations.push_back("no folder for the run can be made at " + folder);
    return report;
  }
  auto report = scopa::test::crash_run(folder, plan);
  for (const std::string& violation : report.violations) {
    std::fprintf(stderr, "VIOLATED %s\n", violation.c_str());
  }
  if (report.violations.empty() && !keep) {
    std::filesystem::remove_all(folder);
  } else {
    std::fprintf(
        stderr, "reproduce: crash_soak --seconds %lld --kills %llu --seed %llu\nkept: %s\n",
        static_cast<long long>(plan.time.count()), static_cast<unsigned long long>(plan.kills),
        static_cast<unsigned long long>(plan.seed), folder.c_str());
  }
  return report;
}

int run(Arguments arguments) {
  if (arguments.seed == 0) arguments.seed = std::random_device{}() | 1U;
  const auto start = std::chrono::steady_clock::now();
  const auto elapsed = [start] {
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    return time.count();
  };
  scopa::test::CrashPlan plan;
  plan.seed = arguments.seed;
  plan.scopa = arguments.scopa;
  plan.trainer = SCOPA_LEDGER_TRAINER;
  plan.is_called_off = [] { return is_called_off != 0; };
  // What was started must not outlive us.
  for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, [](int) { is_called_off = 1; });
  Totals totals;
  if (!arguments.quiet) {
    plan.tell = [&totals](const std::string& line) {
      std::fprintf(stderr, "run %llu: %s; %llu kills before, %llu violations\n",
                   static_cast<unsigned long long>(totals.runs + 1), line.c_str(),
                   static_cast<unsigned long long>(totals.kills),
                   static_cast<unsigned long long>(totals.violations));
    };
  }
  do {
    const auto left = static_cast<std::uint64_t>(
        std::max(1.0, static_cast<double>(arguments.seconds) - elapsed()));
    plan.time = std::chrono::seconds(std::min({left, kSecondsOfARun, arguments.seconds}));
    plan.kills = arguments.kills > totals.kills && arguments.seconds <= kSecondsOfARun
                     ? arguments.kills - totals.kills
                     : 0;
    totals.add(plan.seed, run_once(plan, arguments.keep));
    ++plan.seed;
  } while (!is_called_off && elapsed() + 1 < static_cast<double>(arguments.seconds));
  print(totals, arguments, elapsed());
  return totals.violations == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Runs a sweep with real processes, kills and stops them and breaks their network at random "
      "moments, lets the sweep end, and holds what is stored against what trainers wrote down and "
      "what the broker was heard to acknowledge. The same seed draws the same faults; when they "
      "fall is up to the machine.");
  Arguments arguments;
  app.add_option("--seconds", arguments.seconds, "how long (60)");
  app.add_option("--kills", arguments.kills, "at least so many (0)");
  app.add_option("--seed", arguments.seed, "of the faults (drawn)");
  app.add_option("--scopa", arguments.scopa, "another program than the one built here");
  app.add_flag("--json", arguments.json, "the counts as JSON");
  app.add_flag("--quiet", arguments.quiet, "no progress on stderr");
  app.add_flag("--keep", arguments.keep, "keep the run's folder");
  CLI11_PARSE(app, argc, argv);
  return run(arguments);
}
