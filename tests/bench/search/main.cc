// Regret of sampler and pruner settings on problems that can be evaluated without training:
// scripts/bench-search runs it. CSV on stdout, one row for each run and mark.
#include <CLI/CLI.hpp>
#include <atomic>
#include <cstdio>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/search/suite.h"

namespace scopa::bench {
namespace {

struct Options {
  std::string synthetic, data, only;
  std::vector<std::string> sequential, asynchronous;  // NAME=JSON
  std::uint64_t seeds = 20, first_seed = 0;
  unsigned threads = std::thread::hardware_concurrency();
};

struct Task {
  const rehearsal::Problem* problem = nullptr;
  Setting setting;
  bool asynchronous = false;
  std::uint64_t seed = 0;
};

Setting setting_of(const std::string& text) {
  const std::size_t equals = text.find('=');
  return equals == std::string::npos ? Setting{text, "{}"}
                                     : Setting{text.substr(0, equals), text.substr(equals + 1)};
}

std::vector<Task> tasks_of(const Suite& suite, const Options& options) {
  std::vector<Task> tasks;
  for (std::uint64_t seed = options.first_seed; seed < options.first_seed + options.seeds; ++seed) {
    for (const rehearsal::Problem& problem : suite.problems) {
      if (problem.id().find(options.only) == std::string::npos) continue;
      for (const std::string& text : options.sequential) {
        tasks.push_back({&problem, setting_of(text), false, seed});
      }
      if (problem.steps() < 2) continue;
      for (const std::string& text : options.asynchronous) {
        tasks.push_back({&problem, setting_of(text), true, seed});
      }
    }
  }
  return tasks;
}

void print(const Row& row) {
  std::printf(
      "%s,%s,%s,%s,%llu,%g,%.6g,%llu,%llu,%llu,%llu\n", row.problem.c_str(), row.kind.c_str(),
      row.mode.c_str(), row.setting.c_str(), static_cast<unsigned long long>(row.seed), row.mark,
      row.regret, static_cast<unsigned long long>(row.started),
      static_cast<unsigned long long>(row.completed), static_cast<unsigned long long>(row.pruned),
      static_cast<unsigned long long>(row.steps));
}

int run(const Options& options) {
  const auto suite = load_suite(options.synthetic, options.data);
  if (!suite) {
    std::fprintf(stderr, "search_bench: %s\n", suite.status().to_string().c_str());
    return 1;
  }
  if (!suite->notice.empty()) std::fprintf(stderr, "search_bench: %s\n", suite->notice.c_str());
  const std::vector<Task> tasks = tasks_of(*suite, options);
  std::printf("problem,kind,mode,setting,seed,mark,regret,started,completed,pruned,steps\n");
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> failed = false;
  std::mutex output;
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < std::max(options.threads, 1U); ++i) {
    threads.emplace_back([&] {
      for (std::size_t k = next++; k < tasks.size() && !failed; k = next++) {
        const Task& task = tasks[k];
        const auto rows = task.asynchronous
                              ? run_asynchronous(*task.problem, task.setting, task.seed)
                              : run_sequential(*task.problem, task.setting, task.seed);
        const std::lock_guard lock(output);
        if (!rows) {
          std::fprintf(stderr, "search_bench: %s, %s: %s\n", task.problem->id().c_str(),
                       task.setting.name.c_str(), rows.status().to_string().c_str());
          failed = true;
          return;
        }
        for (const Row& row : *rows) print(row);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return failed ? 1 : 0;
}

}  // namespace
}  // namespace scopa::bench

int main(int argc, char** argv) {
  scopa::bench::Options options;
  CLI::App app("Measures what searches find on problems that need no training.");
  app.add_option("--synthetic", options.synthetic, "the list of synthetic problems")->required();
  app.add_option("--data", options.data, "folder of surrogate networks and their problems");
  app.add_option("--only", options.only, "problems whose id contains this");
  app.add_option("--sequential", options.sequential, "NAME={keys of a sweep file}");
  app.add_option("--asynchronous", options.asynchronous, "NAME={keys of a sweep file}");
  app.add_option("--seeds", options.seeds, "how many (20)");
  app.add_option("--first-seed", options.first_seed, "the first of them (0)");
  app.add_option("--threads", options.threads, "as many as there are cores");
  CLI11_PARSE(app, argc, argv);
  return scopa::bench::run(options);
}
