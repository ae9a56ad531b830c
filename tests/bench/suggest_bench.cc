// What one suggestion of the model costs: `suggest_bench`, one core.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <ctime>
#include <string>

#include "broker/search/random.h"
#include "broker/search/sampler.h"

namespace scopa::search {
namespace {

spec::SweepSpec space(std::int64_t parameters) {
  spec::SweepSpec spec;
  spec.method = spec::Method::kBayes;
  spec.metric = spec::Metric{};
  spec.metric->name = "loss";
  for (std::int64_t i = 0; i < parameters; ++i) {
    spec::Parameter p;
    p.name = "p" + std::to_string(i);
    p.path = {p.name};
    p.distribution.min = 1e-3;
    p.distribution.max = 1;
    switch (i % 5) {
      case 0:
      case 1:
        p.distribution.kind = spec::DistributionKind::kUniform;
        break;
      case 2:
        p.distribution.kind = spec::DistributionKind::kLogUniformValues;
        break;
      case 3:
        p.distribution.kind = spec::DistributionKind::kIntUniform;
        p.distribution.min = 1;
        p.distribution.max = 64;
        break;
      default:
        p.distribution.kind = spec::DistributionKind::kCategorical;
        p.distribution.values = {std::string("a"), std::string("b"), std::string("c")};
    }
    spec.parameters.push_back(std::move(p));
  }
  return spec;
}

// Completed trials at random places with random results.
void complete_one(History* history, Sampler* random) {
  const std::uint64_t n = history->trials().size();
  HistoryChange change;
  change.number = TrialNumber{n};
  change.params = *random->suggest(*history, n);
  history->apply(change);
  change.kind = HistoryChange::Kind::kState;
  change.state = TrialState::kCompleted;
  change.value = Stream(1, n, 2).unit_at(0);
  history->apply(change);
}

// As in a sweep, where between two suggestions a trial ends, but with the number of trials kept.
void change_trial(History* history, std::uint64_t trial, std::uint64_t k) {
  HistoryChange change;
  change.kind = HistoryChange::Kind::kState;
  change.number = TrialNumber{trial};
  change.state = TrialState::kCompleted;
  change.value = Stream(3, k, 2).unit_at(0);
  history->apply(change);
}

std::size_t allocated() {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

double processor_seconds() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

template <typename Work>
double seconds_of(const Work& work) {
  work();
  int times = 0;
  const double start = processor_seconds();
  double passed = 0;
  for (; passed < 0.02; passed = processor_seconds() - start, ++times) work();
  return passed / times;
}

// What TPE cannot do without: the squared distances of 24 candidates to the trials of g, and an
// exponential for each.
double raw_tpe(std::int64_t parameters, std::int64_t trials) {
  const Eigen::Index n = std::min<std::int64_t>(trials, 768);
  const Eigen::MatrixXf centres = Eigen::MatrixXf::Random(n, parameters);
  const Eigen::VectorXf candidate = Eigen::VectorXf::Random(parameters);
  return seconds_of([&] {
    for (int k = 0; k < 24; ++k) {
      Eigen::ArrayXf squares = Eigen::ArrayXf::Zero(n);
      for (Eigen::Index j = 0; j < parameters; ++j) {
        squares += (centres.col(j).array() - candidate[j]).square();
      }
      benchmark::DoNotOptimize((-squares).exp().sum());
    }
  });
}

// What a Gaussian process cannot do without: one factorisation, and its inverse's product with the
// covariances of 450 candidates.
double raw_process(std::int64_t trials) {
  const Eigen::MatrixXd covariance = Eigen::MatrixXd::Identity(trials, trials) * 2 +
                                     Eigen::MatrixXd::Constant(trials, trials, 0.1);
  const Eigen::MatrixXd candidates = Eigen::MatrixXd::Constant(trials, 450, 0.1);
  return seconds_of([&] {
    const Eigen::LLT<Eigen::MatrixXd> factor(covariance);
    const Eigen::MatrixXd white = factor.matrixL().solve(candidates);
    benchmark::DoNotOptimize(white.data());
  });
}

// `kib`: what the history and the model keep in memory. `times_raw`: of the processor time that the
// arithmetic alone takes, in this run.
void measure(benchmark::State& state, spec::BayesModel model, bool newest) {
  auto spec = space(state.range(0));
  spec.bayes_model = model;
  const std::size_t before = allocated();
  const auto sampler = make_sampler(spec, 1);
  spec.method = spec::Method::kRandom;
  const auto random = make_sampler(spec, 2);
  History history;
  for (std::int64_t i = 0; i < state.range(1); ++i) complete_one(&history, random.get());
  benchmark::DoNotOptimize(sampler->suggest(history, history.trials().size()));
  state.counters["kib"] = static_cast<double>(allocated() - before) / 1024;
  const double raw = model == spec::BayesModel::kTpe ? raw_tpe(state.range(0), state.range(1))
                                                     : raw_process(state.range(1));
  std::uint64_t k = 0;
  const double start = processor_seconds();
  for (auto _ : state) {
    change_trial(&history, newest ? history.trials().size() - 1 : 0, k);
    benchmark::DoNotOptimize(sampler->suggest(history, history.trials().size() + k++));
  }
  state.counters["times_raw"] =
      (processor_seconds() - start) / static_cast<double>(state.iterations()) / raw;
}

void BM_GpSuggestion(benchmark::State& state) { measure(state, spec::BayesModel::kGp, true); }
BENCHMARK(BM_GpSuggestion)
    ->ArgNames({"params", "trials"})
    ->ArgsProduct({{5, 20}, {50, 100, 200, 400}})
    ->Unit(benchmark::kMicrosecond);

// The hyperparameters are fitted anew whenever a sweep has grown by an eighth.
void BM_GpSuggestionWithFit(benchmark::State& state) {
  measure(state, spec::BayesModel::kGp, false);
}
BENCHMARK(BM_GpSuggestionWithFit)
    ->ArgNames({"params", "trials"})
    ->ArgsProduct({{5, 20}, {200}})
    ->Unit(benchmark::kMicrosecond);

void BM_TpeSuggestion(benchmark::State& state) { measure(state, spec::BayesModel::kTpe, true); }
BENCHMARK(BM_TpeSuggestion)
    ->ArgNames({"params", "trials"})
    ->ArgsProduct({{5, 20}, {100, 1000, 10'000, 100'000}})
    ->Unit(benchmark::kMicrosecond);

void BM_RandomSuggestion(benchmark::State& state) {
  auto spec = space(state.range(0));
  spec.method = spec::Method::kRandom;
  const auto random = make_sampler(spec, 2);
  const History history;
  std::uint64_t n = 0;
  for (auto _ : state) benchmark::DoNotOptimize(random->suggest(history, n++));
}
BENCHMARK(BM_RandomSuggestion)->ArgName("params")->Arg(5)->Arg(20)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace scopa::search

BENCHMARK_MAIN();
