// simulate: runs seeds of the simulated cluster. Exit code 1 when an invariant was broken.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/cluster.h"

namespace {

using scopa::sim::Outcome;

struct Arguments {
  std::optional<std::uint64_t> seed;
  std::string seeds;
  std::uint64_t count = 100;
  double soak_minutes = 0;
  std::uint64_t from = 1;
  bool verbose = false;
  bool json = false;
  bool hash = false;
  bool expect_violation = false;
};

struct Summary {
  std::uint64_t first_seed = 0;
  std::uint64_t seeds = 0, violations = 0, steps = 0, trainers = 0, commits = 0;
  double virtual_hours = 0;
  std::map<std::string, std::uint64_t> faults;
  std::vector<std::uint64_t> violated;  // the first hundred seeds

  void add(const Outcome& outcome) {
    ++seeds;
    violations += outcome.violation ? 1 : 0;
    steps += outcome.steps;
    trainers += outcome.trainers;
    commits += outcome.commits;
    virtual_hours += static_cast<double>(outcome.virtual_time.count()) / 3.6e9;
    for (const auto& [fault, count] : outcome.faults) faults[fault] += count;
  }
};

void print_failure(std::uint64_t seed, const Outcome& first, bool verbose, std::FILE* out) {
  // The same run again, this time with words.
  const Outcome outcome = scopa::sim::simulate(seed, true, verbose);
  if (!verbose) {
    for (const std::string& line : outcome.last_lines) std::fprintf(out, "  %s\n", line.c_str());
  }
  std::fprintf(out, "VIOLATED %s: %s\nreproduce: simulate --seed %llu --verbose\n",
               first.violation->invariant.c_str(), first.violation->detail.c_str(),
               static_cast<unsigned long long>(seed));
  if (outcome.hash != first.hash) std::fprintf(out, "and the second run was another one\n");
}

void print_summary(const Summary& summary, double seconds, bool as_json) {
  if (as_json) {
    nlohmann::json json = {{"first_seed", summary.first_seed},
                           {"violated", summary.violated},
                           {"seeds", summary.seeds},
                           {"violations", summary.violations},
                           {"steps", summary.steps},
                           {"trainers", summary.trainers},
                           {"commits", summary.commits},
                           {"virtual_hours", summary.virtual_hours},
                           {"seconds", seconds},
                           {"faults", summary.faults}};
    std::printf("%s\n", json.dump(2).c_str());
    return;
  }
  std::printf(
      "%llu seeds, %llu violations; %.1f virtual hours in %.1f s; %llu trainers, %llu "
      "commits, %llu steps\n",
      static_cast<unsigned long long>(summary.seeds),
      static_cast<unsigned long long>(summary.violations), summary.virtual_hours, seconds,
      static_cast<unsigned long long>(summary.trainers),
      static_cast<unsigned long long>(summary.commits),
      static_cast<unsigned long long>(summary.steps));
  for (const auto& [fault, count] : summary.faults) {
    std::printf("  %-22s %llu\n", fault.c_str(), static_cast<unsigned long long>(count));
  }
}

int run(const Arguments& arguments) {
  std::uint64_t first = 1, last = arguments.count;
  if (arguments.seed) {
    first = last = *arguments.seed;
  } else if (const auto dots = arguments.seeds.find(".."); dots != std::string::npos) {
    first = std::stoull(arguments.seeds.substr(0, dots));
    last = std::stoull(arguments.seeds.substr(dots + 2));
  }
  const auto start = std::chrono::steady_clock::now();
  const auto elapsed = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  const bool soaks = arguments.soak_minutes > 0;
  if (soaks && !arguments.seed && arguments.seeds.empty()) first = arguments.from;
  Summary summary;
  summary.first_seed = first;
  double told = 0;
  for (std::uint64_t seed = first; soaks ? elapsed() < arguments.soak_minutes * 60 : seed <= last;
       ++seed) {
    const Outcome outcome = scopa::sim::simulate(seed);
    summary.add(outcome);
    if (soaks && elapsed() - told >= 10) {
      told = elapsed();
      std::fprintf(stderr, "%llu seeds, %llu violations\n",
                   static_cast<unsigned long long>(summary.seeds),
                   static_cast<unsigned long long>(summary.violations));
    }
    if (arguments.hash) {
      std::printf("%llu %016llx\n", static_cast<unsigned long long>(seed),
                  static_cast<unsigned long long>(outcome.hash));
    }
    if (!outcome.violation) continue;
    if (summary.violated.size() < 100) summary.violated.push_back(seed);
    print_failure(seed, outcome, arguments.verbose, arguments.json ? stderr : stdout);
    if (!soaks) break;
  }
  if (!arguments.hash) print_summary(summary, elapsed(), arguments.json);
  return (summary.violations > 0) == arguments.expect_violation ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Simulates whole clusters in virtual time, one for each seed.");
  Arguments arguments;
  app.add_option("--seed", arguments.seed, "this one only");
  app.add_option("--seeds", arguments.seeds, "FROM..TO, both included");
  app.add_option("--count", arguments.count, "the seeds 1 to COUNT");
  app.add_option("--soak", arguments.soak_minutes, "for so many minutes, whatever is found");
  app.add_option("--from", arguments.from, "the first seed of a soak (1)");
  app.add_flag("--verbose", arguments.verbose, "a violated run is told line by line");
  app.add_flag("--json", arguments.json, "the summary as JSON");
  app.add_flag("--hash", arguments.hash, "print each seed with the hash of its trace");
  app.add_flag("--expect-violation", arguments.expect_violation,
               "exit 0 if and only if an invariant was broken: for planted bugs");
  CLI11_PARSE(app, argc, argv);
  return run(arguments);
}
