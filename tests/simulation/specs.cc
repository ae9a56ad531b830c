#include "tests/simulation/specs.h"

#include <array>

namespace scopa::sim {
namespace {

template <std::size_t N>
const char* one_of(Random* random, const std::array<const char*, N>& choices) {
  return choices[random->below(N)];
}

std::string draw_search(Random* random) {
  const std::uint64_t cap = 2 + random->below(8);
  const std::string text = "run_cap: " + std::to_string(cap) + "\n";
  switch (random->below(4)) {
    case 0:
      return "method: grid\nparameters:\n  a: {values: [1, 2, 3]}\n  b: {values: [x, y]}\n" +
             (random->chance(0.3) ? text : "");
    case 1:
      return "method: random\nparameters:\n  a: {min: 0.0, max: 1.0}\n  b: {values: [x, y, z]}\n" +
             text;
    case 2:
      return "method: bayes\nparameters:\n"
             "  lr: {distribution: log_uniform_values, min: 1e-4, max: 1e-1}\n"
             "  n: {min: 1, max: 8}\n" +
             text;
    default:
      return "method: bayes\nparameters:\n  x: {min: -1.0, max: 1.0}\n"
             "  kind: {values: [a, b]}\n" +
             text;
  }
}

std::string draw_pruner(Random* random) {
  return one_of<9>(
      random, {"", "", "early_terminate: {type: hyperband, min_iter: 2, eta: 2}\n",
               "early_terminate: {type: hyperband, max_iter: 9, s: 2, strict: true}\n",
               "early_terminate: {type: asha, min_resource: 1, eta: 2}\n",
               "early_terminate: {type: median, min_trials: 1}\n",
               "early_terminate: {type: percentile, percentile: 40, min_trials: 2, warmup: 1}\n",
               "early_terminate: {type: predictive, confidence: 0.3, min_trials: 4}\n",
               "early_terminate: {type: threshold, upper: 1.6}\n"});
}

}  // namespace

std::string draw_long_spec(Random* random) {
  return "method: random\nparameters:\n  a: {min: 0.0, max: 1.0}\nrun_cap: " +
         std::to_string(12 + random->below(16)) +
         "\nmetric: {name: loss, goal: minimize}\nretries: " + std::to_string(random->below(2)) +
         "\n";
}

std::string draw_spec(Random* random) {
  std::string text = draw_search(random);
  text += "metric: {name: loss, goal: ";
  text += one_of<2>(random, {"minimize", "maximize"});
  text += one_of<4>(random, {"}\n", "}\n", ", reduce: best}\n", ", reduce: mean(3)}\n"});
  const std::string pruner = draw_pruner(random);
  const bool needs_end = pruner.find("predictive") != std::string::npos;
  text += pruner;
  text += "seed: " + std::to_string(1 + random->below(1000)) + "\n";
  if (random->chance(0.4)) text += "retries: " + std::to_string(1 + random->below(2)) + "\n";
  if (random->chance(0.2)) text += "replicates: 2\n";
  if (random->chance(0.2)) text += "max_trial_time: 40s\n";
  if (random->chance(0.2) || needs_end) text += "max_steps: 5\n";
  text += one_of<8>(random, {"", "", "", "", "", "", "budget: {wall_time: 15m}\n",
                             "budget: {device_hours: 0.13}\n"});
  text += one_of<3>(random, {"", "on_nan: fail\n", "on_nan: ignore\n"});
  return text;
}

}  // namespace scopa::sim
