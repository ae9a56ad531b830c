// Regret of sampler and pruner settings on problems that can be evaluated without training:
// scripts/bench-search runs it. CSV on stdout, one row for each run and mark.
#include <CLI/CLI.hpp>
#include <atomic>
#include <cstdio>
#include <iostream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/search/serve.h"
#include "tests/bench/search/suite.h"
#ifdef SCOPA_BENCH_REAL
#include "tests/bench/search/real/real.h"
#endif

namespace scopa::bench {
namespace {

struct Options {
  std::string synthetic, data, only, suite = "first", half = "both";
  std::vector<std::string> sequential, together, asynchronous;  // NAME=JSON
  std::uint64_t seeds = 20, first_seed = 0;
  bool list = false, serve = false;
  unsigned threads = std::thread::hardware_concurrency();
};

constexpr std::uint64_t kTogether = 8;  // at a time

struct Task {
  const Problem* problem = nullptr;
  Setting setting;
  std::uint64_t workers = 1;  // of trials that take as long each; 0: asynchronous
  std::uint64_t seed = 0;
};

Setting setting_of(const std::string& text) {
  const std::size_t equals = text.find('=');
  return equals == std::string::npos ? Setting{text, "{}"}
                                     : Setting{text.substr(0, equals), text.substr(equals + 1)};
}

std::vector<Task> tasks_of(const std::vector<Problem>& problems, const Options& options) {
  const std::vector<std::string> none;
  std::vector<Task> tasks;
  for (std::uint64_t seed = options.first_seed; seed < options.first_seed + options.seeds; ++seed) {
    for (const Problem& problem : problems) {
      for (const std::string& text : problem.only_in_time ? none : options.sequential) {
        tasks.push_back({&problem, setting_of(text), 1, seed});
      }
      for (const std::string& text : problem.only_in_time ? none : options.together) {
        tasks.push_back({&problem, setting_of(text), kTogether, seed});
      }
      if (problem.steps < 2) continue;
      for (const std::string& text : options.asynchronous) {
        tasks.push_back({&problem, setting_of(text), 0, seed});
      }
    }
  }
  return tasks;
}

void print(const Problem& problem, const Row& row) {
  const auto number = [](std::uint64_t x) { return static_cast<unsigned long long>(x); };
  std::printf("%s,%s,%s,%s,%llu,%g,%.6g,%llu,%llu,%llu,%llu,%s,%llu,%llu,%llu,%llu,%.3g\n",
              problem.id.c_str(), problem.group.c_str(), row.mode.c_str(), row.setting.c_str(),
              number(row.seed), row.mark, row.regret, number(row.started), number(row.completed),
              number(row.pruned), number(row.steps), name_of(half_of(problem.base)).data(),
              number(row.failed), number(row.ordered), number(row.on_bounds), number(row.copies),
              row.cpu_ms);
}

Result<std::vector<Problem>> real_problems(const Options& options) {
#ifdef SCOPA_BENCH_REAL
  if (options.suite == "real" || options.suite == "all") return real_suite();
#else
  if (options.suite == "real") {
    return Status{Code::kInvalidArgument, "built without real trainings: SCOPA_BENCH_REAL"};
  }
#endif
  return std::vector<Problem>();
}

Result<std::vector<Problem>> suite_of(const Options& options) {
  SCOPA_ASSIGN_OR_RETURN(auto real, real_problems(options));
  if (options.suite == "real") return real;
  SCOPA_ASSIGN_OR_RETURN(auto first, first_suite(options.synthetic, options.data));
  if (!first.notice.empty()) std::fprintf(stderr, "search_bench: %s\n", first.notice.c_str());
  std::vector<Problem>& problems = first.problems;
  if (options.suite == "first") return std::move(problems);
  SCOPA_ASSIGN_OR_RETURN(auto wide, wide_suite(problems));
  if (options.suite == "wide") return wide;
  problems.insert(problems.end(), wide.begin(), wide.end());
  problems.insert(problems.end(), real.begin(), real.end());
  return std::move(problems);
}

Result<std::vector<Problem>> problems_of(const Options& options) {
  SCOPA_ASSIGN_OR_RETURN(auto problems, suite_of(options));
  std::erase_if(problems, [&](const Problem& problem) {
    return problem.id.find(options.only) == std::string::npos ||
           (options.half != "both" && name_of(half_of(problem.base)) != options.half);
  });
  return problems;
}

void list(const std::vector<Problem>& problems) {
  for (const Problem& problem : problems) {
    std::printf("%-11s %-17s %s\n", name_of(half_of(problem.base)).data(), problem.group.c_str(),
                problem.id.c_str());
  }
}

int run(const Options& options) {
  const auto problems = problems_of(options);
  if (!problems) {
    std::fprintf(stderr, "search_bench: %s\n", problems.status().to_string().c_str());
    return 1;
  }
  if (options.list) {
    list(*problems);
    return 0;
  }
  if (options.serve) {
    const Status served = serve(*problems, std::cin, std::cout);
    if (!served) std::fprintf(stderr, "search_bench: %s\n", served.to_string().c_str());
    return served ? 0 : 1;
  }
  const std::vector<Task> tasks = tasks_of(*problems, options);
  std::puts(
      "problem,group,mode,setting,seed,mark,regret,started,completed,pruned,steps,half,failed,"
      "ordered,on_bounds,copies,cpu_ms");
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> failed = false;
  std::mutex output;
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < std::max(options.threads, 1U); ++i) {
    threads.emplace_back([&] {
      for (std::size_t k = next++; k < tasks.size() && !failed; k = next++) {
        const Task& task = tasks[k];
        const auto rows = task.workers == 0
                              ? run_asynchronous(*task.problem, task.setting, task.seed)
                              : run_trials(*task.problem, task.setting, task.seed, task.workers);
        const std::lock_guard lock(output);
        if (!rows) {
          std::fprintf(stderr, "search_bench: %s, %s: %s\n", task.problem->id.c_str(),
                       task.setting.name.c_str(), rows.status().to_string().c_str());
          failed = true;
          return;
        }
        for (const Row& row : *rows) print(*task.problem, row);
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
  app.add_option(
         "--suite", options.suite,
         "first: that on which searches were tuned; wide; real: trainings, where built; all")
      ->check(CLI::IsMember({"first", "wide", "real", "all"}));
  app.add_option("--half", options.half, "of the problems, by their bases' names")
      ->check(CLI::IsMember({"choosing", "judging", "both"}));
  app.add_flag("--list", options.list, "print half, group and name of each problem, run nothing");
  app.add_flag("--serve", options.serve,
               "run nothing: evaluate what another program searches with. A line of JSON on stdin, "
               "a line on stdout: {} lists the problems, {\"problem\":ID} describes one, and "
               "{\"problem\":ID,\"seed\":S,\"trial\":N,\"params\":{...}} is answered "
               "{\"value\":observed, null if it failed}; with \"regret\":true also by that without "
               "noise, with \"in_time\":true by the curve of a whole training");
  app.add_option("--only", options.only, "problems whose id contains this");
  app.add_option("--sequential", options.sequential, "NAME={keys of a sweep file}");
  app.add_option("--together", options.together, "NAME={...}, eight trials at a time");
  app.add_option("--asynchronous", options.asynchronous, "NAME={keys of a sweep file}");
  app.add_option("--seeds", options.seeds, "how many (20)");
  app.add_option("--first-seed", options.first_seed, "the first of them (0)");
  app.add_option("--threads", options.threads, "as many as there are cores");
  CLI11_PARSE(app, argc, argv);
  return scopa::bench::run(options);
}
