// What a point costs the trainer, beside what it must cost: reading the clock and writing 32 bytes.
//
//     cmake --preset release && cmake --build --preset release --target log_bench
//     build/release/tests/bench/log_bench
//
// SCOPA_BENCH_FOLDER chooses the file system of the journal; the default is /dev/shm.
#include <benchmark/benchmark.h>
#include <sys/mman.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "scopa/scopa.hpp"
#include "sdk/journal/journal.h"

namespace {

// Less than half a segment: its pages are there and no new segment is made, as in a trainer that
// has logged before and will log for hours.
constexpr std::int64_t kWarmPoints = 30'000;
// With the price of the memory: each segment is made, entered and filled once.
constexpr std::int64_t kManyPoints = 4 * 65'536;
constexpr int kRuns = 200;

struct RawRecord {
  double value;
  std::int64_t step, time_us;
  std::uint64_t tag;
};

std::int64_t now_us() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * 1'000'000 + now.tv_nsec / 1000;
}

// A journal of its own for each benchmark, removed after it.
class Place {
 public:
  Place() {
    const char* chosen = std::getenv("SCOPA_BENCH_FOLDER");
    const char* shared = std::filesystem::exists("/dev/shm") ? "/dev/shm" : "/tmp";
    std::string pattern = std::string(chosen != nullptr ? chosen : shared) + "/scopa-bench-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) std::exit(1);
    root_ = pattern;
    scopa::journal::TrialHeader header;
    header.sweep = "k3v9q2ha";
    auto made = scopa::journal::Journal::create(root_ + "/journal", header);
    if (!made) std::exit(1);
    journal_ = std::move(*made);
    trial_ = std::make_unique<scopa::Trial>(scopa::Trial::open(root_ + "/journal"));
  }
  ~Place() {
    trial_.reset();
    std::filesystem::remove_all(root_);
  }
  scopa::Trial& trial() { return *trial_; }

 private:
  std::string root_;
  std::unique_ptr<scopa::journal::Journal> journal_;
  std::unique_ptr<scopa::Trial> trial_;
};

std::unique_ptr<Place> place;

void open_place(const benchmark::State&) { place = std::make_unique<Place>(); }
void close_place(const benchmark::State& state) {
  if (place->trial().dropped() != 0) {
    std::fprintf(stderr, "%lld points were dropped; the figure is worthless\n",
                 static_cast<long long>(place->trial().dropped()));
  }
  (void)state;
  place.reset();
}

void clock_alone(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(now_us());
}

// The floor: 32 KiB that stay in the first cache.
void raw_clock_and_store(benchmark::State& state) {
  std::vector<RawRecord> ring(1024);
  std::int64_t step = 0;
  for (auto _ : state) {
    RawRecord& record = ring[static_cast<std::size_t>(step) % ring.size()];
    record = {0.5, step, now_us(), 1};
    benchmark::DoNotOptimize(record);
    benchmark::ClobberMemory();
    ++step;
  }
}

// The floor of anything that keeps its points: the memory is new, as the journal's is.
void raw_clock_and_store_new_memory(benchmark::State& state) {
  constexpr std::size_t kBytes = kManyPoints * sizeof(RawRecord);
  void* memory =
      ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return state.SkipWithError("mmap");
  auto* records = static_cast<RawRecord*>(memory);
  std::int64_t step = 0;
  for (auto _ : state) {
    records[step] = {0.5, step, now_us(), 1};
    benchmark::ClobberMemory();
    ++step;
  }
  ::munmap(memory, kBytes);
}

void metric_log(benchmark::State& state) {
  const scopa::Metric loss = place->trial().metric("validation_loss");
  std::int64_t step = 0;
  for (auto _ : state) loss.log(++step, 0.5);
}

void named_log(benchmark::State& state) {
  scopa::Trial& trial = place->trial();
  for (int i = 0; i < 16; ++i) (void)trial.metric("metric_" + std::to_string(i));
  std::int64_t step = 0;
  for (auto _ : state) trial.log("validation_loss", ++step, 0.5);
}

void log_three_values(benchmark::State& state) {
  scopa::Trial& trial = place->trial();
  std::int64_t step = 0;
  for (auto _ : state) trial.log(++step, {{"loss", 0.5}, {"accuracy", 0.9}, {"rate", 1e-3}});
}

void should_stop(benchmark::State& state) {
  scopa::Trial& trial = place->trial();
  for (auto _ : state) benchmark::DoNotOptimize(trial.should_stop());
}

// Prints one line for each benchmark: medians over its runs of the time of a call, and the ratio of
// processor time to the raw cost. Medians of many short runs, because a busy machine spoils a few
// of them and not the others.
class Reporter : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context& context) override {
    PrintBasicContext(&std::cerr, context);
    std::printf("%-30s %7s %10s %10s %8s\n", "ns per call", "threads", "wall", "cpu", "x raw");
    return true;
  }
  void ReportRuns(const std::vector<Run>& runs) override {
    std::vector<double> wall, cpu;
    for (const Run& run : runs) {
      if (run.run_type != Run::RT_Iteration || run.iterations == 0) continue;
      const auto calls = static_cast<double>(run.iterations);
      wall.push_back(run.real_accumulated_time * static_cast<double>(run.threads) / calls * 1e9);
      cpu.push_back(run.cpu_accumulated_time / calls * 1e9);
    }
    if (wall.empty()) return;
    const std::string& name = runs[0].run_name.function_name;
    if (name == "raw_clock_and_store") raw_ = median_of(cpu);
    std::printf("%-30s %7d %10.1f %10.1f", name.c_str(), static_cast<int>(runs[0].threads),
                median_of(wall), median_of(cpu));
    if (raw_ > 0) std::printf(" %8.2f", median_of(cpu) / raw_);
    std::printf("\n");
  }

 private:
  static double median_of(std::vector<double>& times) {
    std::sort(times.begin(), times.end());
    return times[times.size() / 2];
  }
  double raw_ = 0;
};

using Function = void(benchmark::State&);

void add_raw(const char* name, Function* function, std::int64_t calls, int runs) {
  benchmark::RegisterBenchmark(name, function)->Iterations(calls)->Repetitions(runs)->UseRealTime();
}

void add_with_journal(const char* name, Function* function, int threads, std::int64_t calls,
                      int runs) {
  benchmark::RegisterBenchmark(name, function)
      ->Setup(open_place)
      ->Teardown(close_place)
      ->Threads(threads)
      ->Iterations(calls / threads)
      ->Repetitions(runs)
      ->UseRealTime();
}

}  // namespace

int main(int argc, char** argv) {
  bool quick = false;
  for (int i = 1; i < argc; ++i) quick = quick || std::string(argv[i]) == "--quick";
  const int runs = quick ? 2 : kRuns;
  add_raw("clock_alone", clock_alone, kWarmPoints, runs);
  add_raw("raw_clock_and_store", raw_clock_and_store, kWarmPoints, runs);
  for (const int threads : {1, 2, 4}) {
    add_with_journal("metric_log", metric_log, threads, kWarmPoints, runs);
  }
  add_with_journal("named_log", named_log, 1, kWarmPoints, runs);
  add_with_journal("log_three_values", log_three_values, 1, kWarmPoints / 3, runs);
  add_with_journal("should_stop", should_stop, 1, kWarmPoints, runs);
  add_raw("raw_new_memory", raw_clock_and_store_new_memory, kManyPoints, runs / 2);
  for (const int threads : {1, 2, 4}) {
    add_with_journal("metric_log_new_memory", metric_log, threads, kManyPoints, runs / 2);
  }

  benchmark::Initialize(&argc, argv);
  Reporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  return 0;
}
