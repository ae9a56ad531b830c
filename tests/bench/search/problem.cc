#include "tests/bench/search/problem.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "broker/search/random.h"
#include "broker/spec/parse.h"
#include "cli/ask_tell_config.h"
#include "rehearsal/synthetic.h"
#include "sdk/base/text.h"

namespace scopa::bench {
namespace {

constexpr std::uint64_t kMedianOf = 1001;

std::string number_text(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", x);
  return text;
}

}  // namespace

Result<Seen> seen_of(const Problem& problem, const Params& params, std::uint64_t seed,
                     std::uint64_t number) {
  Seen seen;
  if (problem.train) {
    SCOPA_ASSIGN_OR_RETURN(const rehearsal::Training training, problem.train(params, seed, number));
    seen.fails = training.fails;
    if (!seen.fails) seen.value = training.values.back();
    return seen;
  }
  if (problem.fails) {
    SCOPA_ASSIGN_OR_RETURN(seen.fails, problem.fails(params, seed, number));
  }
  if (seen.fails) return seen;
  SCOPA_ASSIGN_OR_RETURN(seen.value, problem.exact(params));
  if (problem.observed) seen.value = problem.observed(seen.value, seed, number);
  return seen;
}

Result<rehearsal::Training> whole_training(const Problem& problem, const Params& params,
                                           std::uint64_t seed, std::uint64_t number) {
  if (problem.train) return problem.train(params, seed, number);
  SCOPA_ASSIGN_OR_RETURN(auto run, problem.curve(params));
  rehearsal::Training training;
  training.values = std::move(run.values);
  training.step_seconds = run.step_seconds;
  if (problem.fails) {
    SCOPA_ASSIGN_OR_RETURN(training.fails, problem.fails(params, seed, number));
  }
  if (training.fails) {  // somewhere on its way
    const double share = search::Stream(seed, number, search::hash_name("crash at")).unit();
    training.values.resize(
        1 + static_cast<std::size_t>(share * static_cast<double>(training.values.size())));
  }
  return training;
}

Half half_of(std::string_view base) {
  // Of the prefixes that give each group problems in both halves, one of the first.
  const std::uint64_t hash = search::hash_name("half 27 of " + std::string(base));
  return (hash >> 40 & 1) == 0 ? Half::kChoosing : Half::kJudging;
}

std::string_view name_of(Half half) { return half == Half::kChoosing ? "choosing" : "judging"; }

Result<double> number_in(const Params& params, const std::string& name) {
  double x = 0;
  const Value* value = find_param(params, name);
  if (value == nullptr || !as_number(*value, &x)) {
    return Status{Code::kInvalidArgument, "`" + printable(name, 64) + "` is no number"};
  }
  return x;
}

Problem from_rehearsal(rehearsal::Problem problem) {
  const auto shared = std::make_shared<const rehearsal::Problem>(std::move(problem));
  Problem made;
  made.id = made.base = shared->id();
  made.config = shared->config();
  made.conditions = shared->conditions();
  made.steps = shared->steps();
  made.goal = shared->goal();
  made.best = shared->best();
  made.median = shared->median();
  made.mean_full_seconds = shared->mean_full_seconds();
  made.exact = [shared](const Params& params) { return shared->final_value(params); };
  made.observed = [shared](double exact, std::uint64_t seed, std::uint64_t number) {
    return shared->observed(exact, seed, number);
  };
  made.curve = [shared](const Params& params) { return shared->run(params); };
  return made;
}

Result<std::shared_ptr<const search::Space>> space_of(const Problem& problem) {
  nlohmann::ordered_json init;
  init["config"] = nlohmann::ordered_json::parse(problem.config);
  if (!problem.conditions.empty()) {
    init["conditions"] = nlohmann::ordered_json::parse(problem.conditions);
  }
  SCOPA_ASSIGN_OR_RETURN(const std::string text, cli::ask_tell_spec(init.dump(), 1));
  return std::make_shared<const search::Space>(spec::parse(text).spec);
}

Status measure_median(Problem* problem) {
  SCOPA_ASSIGN_OR_RETURN(const auto space, space_of(*problem));
  std::vector<double> values;
  for (std::uint64_t k = 0; k < kMedianOf; ++k) {
    SCOPA_ASSIGN_OR_RETURN(const double value, problem->exact(space->params(space->draw(1, k, 0))));
    values.push_back(value);
  }
  std::nth_element(values.begin(), values.begin() + kMedianOf / 2, values.end());
  problem->median = values[kMedianOf / 2];
  return Status::ok();
}

Problem with_noise(Problem problem, Noise noise, double scale) {
  const double unit = scale * std::abs(problem.median - problem.best);
  problem.id += (noise == Noise::kNormal ? "+normal" : "+heavy") + number_text(scale);
  problem.group = "noisy";
  problem.observed = [unit, noise](double exact, std::uint64_t seed, std::uint64_t number) {
    const double normal = rehearsal::noise_of(seed, 4 * number);
    if (noise == Noise::kNormal) return exact + unit * normal;
    double squares = 0;
    for (std::uint64_t k = 1; k <= 3; ++k) {
      squares += std::pow(rehearsal::noise_of(seed, 4 * number + k), 2);
    }
    return exact + unit * normal / std::sqrt(squares / 3);
  };
  return problem;
}

Problem with_crashes(Problem problem, double share) {
  problem.id += "+crash" + number_text(share);
  problem.group = "failing";
  problem.fails = [share](const Params&, std::uint64_t seed, std::uint64_t number) {
    return Result<bool>(search::Stream(seed, number, search::hash_name("crash")).unit() < share);
  };
  return problem;
}

Problem with_failures(Problem problem, const std::string& name,
                      std::function<bool(const std::vector<double>&)> where) {
  problem.id += "+" + name;
  problem.group = "failing";
  problem.fails = [where = std::move(where)](const Params& params, std::uint64_t, std::uint64_t) {
    std::vector<double> numbers;
    for (const Param& param : params) {
      double x = 0;
      if (as_number(param.value, &x)) numbers.push_back(x);
    }
    return Result<bool>(where(numbers));
  };
  return problem;
}

}  // namespace scopa::bench
