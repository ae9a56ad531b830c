#include "cli/starting_files.h"

#include <algorithm>

#include "broker/lint/lint.h"
#include "broker/lint/plan.h"
#include "broker/search/sampler.h"
#include "broker/spec/json_text.h"
#include "broker/spec/source_map.h"
#include "cli/format.h"
#include "sdk/base/text.h"

namespace scopa::cli {
namespace {

constexpr std::string_view kScratch =
    R"(# A sweep that trains from scratch. Change what is marked <-, then:
#
#   scopa check sweep.yaml    what is wrong with it, and what it leads to
#   scopa run sweep.yaml      run it on this machine
program: ./train                  # <- what starts a training; the parameters come as --lr=0.01 ...
method: bayes                     # a model of the trials so far proposes the next; or random, grid
metric:
  name: val_loss                  # <- as the trainer logs it, at least once an epoch
  goal: minimize
max_steps: 50                     # <- epochs of a full training: a trial is complete when val_loss
                                  #    has this step
run_cap: 60                       # 50 to 100 trials for this many parameters
seed: 1                           # the same search again, as far as the results are the same
retries: 1                        # a trial that fails is tried once more
# budget: {wall_time: 24h}        # ends the sweep whatever is left
# max_trial_time: 2h              # ends a trial that hangs

parameters:
  lr:                             # ten times too high diverges, ten times too low goes nowhere:
    distribution: log_uniform_values    # each decade gets its share of the trials
    min: 1e-4
    max: 1e-1
  weight_decay:
    distribution: log_uniform_values
    min: 1e-6
    max: 1e-2
  warmup_ratio: {min: 0.0, max: 0.1}    # of all steps
  dropout: {min: 0.0, max: 0.5}
  batch_size: {values: [32, 64, 128, 256]}
  # The architecture (layers, width, heads) is best fixed first: the best training differs with each.

early_terminate:                  # of the trials that get there the best third goes on ...
  type: asha
  min_resource: 12                # ... first at step 12: a quarter of max_steps, past the warm-up
  eta: 3
)";

constexpr std::string_view kFinetune =
    R"(# A sweep that fine-tunes a pretrained model. Change what is marked <-, then:
#
#   scopa check sweep.yaml    what is wrong with it, and what it leads to
#   scopa run sweep.yaml      run it on this machine
program: ./train                  # <- what starts a training; the parameters come as --lr=2e-5 ...
method: random                    # in so small a space chance does as well as a model
metric:
  name: val_loss                  # <- as the trainer logs it, at least once an epoch
  goal: minimize
run_cap: 24                       # 20 to 30 trials: the defaults are close
seed: 1                           # the same search again
retries: 1                        # a trial that fails is tried once more
initial: [{lr: 5e-5, warmup_ratio: 0.06}]   # the usual defaults first: what has to be beaten
# budget: {wall_time: 12h}        # ends the sweep whatever is left
# max_trial_time: 1h              # ends a trial that hangs

parameters:
  lr:                             # what matters most, by far
    distribution: log_uniform_values    # each decade gets its share of the trials
    min: 1e-5
    max: 5e-4
  warmup_ratio: {min: 0.0, max: 0.2}    # of all steps; without it early steps can undo the pretraining
  # Weight decay and dropout matter less here: fixed, so that the trials go where they count.
  weight_decay: {value: 0.01}
  dropout: {value: 0.1}
  batch_size: {value: 32}
  epochs: {value: 3}

# Nothing is pruned: a fine-tuning is short, and the good ones often start slowly.
)";

std::string line(std::string_view key, std::string_view says) {
  std::string out = "#   " + std::string(key);
  out += std::string(out.size() < 22 ? 22 - out.size() : 1, ' ');
  return out + std::string(says) + "\n";
}

std::string_view method_says(const spec::SweepSpec& s) {
  switch (s.method) {
    case spec::Method::kBayes:
      return search::models_by_process(s)
                 ? "a Gaussian process, as W&B's; `bayes: {model: tpe}` is another model"
                 : "a tree-structured Parzen estimator (W&B: a Gaussian process)";
    case spec::Method::kGrid:
      return "every combination once, in W&B's order";
    case spec::Method::kRandom:
      break;
  }
  return "draws; no configuration comes twice, so a finite space ends the sweep";
}

/// What somebody who comes from W&B changes in the trainer.
constexpr std::string_view kTrainer =
    R"(# What the trainer needs: `wandb.init`, `wandb.config` and `wandb.log` know nothing of Scopa.
#   Python            write `from scopa import wandb` instead of `import wandb`
#   anything else     parameters are the arguments, and JSON in $SCOPA_PARAMS; metrics go as lines
#                     such as {"step": 1, "loss": 0.5} to the file that $SCOPA_METRICS names
)";

/// What becomes of the keys that the file has.
std::string parts(const spec::SweepSpec& s, const spec::SourceMap& map, const lint::Plan& plan) {
  std::string out = "# What Scopa does with it:\n";
  out += line("method", method_says(s));
  if (s.metric) out += line("metric", "ranks the trials; trials must log it under this very name");
  out += line("parameters", "as they are: " + lint::size_text(plan));
  if (s.pruner) {
    out += line("early_terminate", "W&B's Hyperband, decision for decision");
  }
  if (map.has("command")) {
    out += line("command", "as it is; ${args} and the other macros mean what they meant");
  } else {
    out += line("program", map.has("program")
                               ? "started with ${args}, under python where it ends in .py"
                               : "missing: add `program: ./train`");
  }
  for (const char* key : {"entity", "job", "image_uri", "controller", "scheduler", "apiVersion"}) {
    if (map.has(key)) out += line(key, "ignored");
  }
  return out;
}

/// Scopa's own keys that the file lacks, with values that fit it.
std::string suggestions(const spec::SweepSpec& s, const spec::SourceMap& map, bool json) {
  std::string out = json ? "# What Scopa can do besides, as further keys:\n"
                         : "# What Scopa can do besides; remove the # of what you want:\n";
  const auto add = [&](const char* key, const std::string& text, const std::string& says) {
    if (map.has(key)) return;
    std::string row = "# " + text;
    row += std::string(row.size() < 40 ? 40 - row.size() : 1, ' ');
    out += row + "# " + says + "\n";
  };
  if (s.run_cap == 0 && s.method != spec::Method::kGrid) {
    const std::size_t n = std::max<std::size_t>(s.parameters.size(), 3);
    add("run_cap", "run_cap: " + std::to_string(10 * n), "so many trials");
  }
  add("seed", "seed: 1", "the same search again");
  if (s.metric) add("max_steps", "max_steps: 50", "a trial is complete at this step of the metric");
  add("retries", "retries: 1", "a trial that fails is tried once more");
  add("max_trial_time", "max_trial_time: 2h", "ends a trial that hangs");
  add("grace", "grace: 5m", "so long a trainer that is told to stop has to save");
  add("budget", "budget: {wall_time: 24h}", "ends the sweep");
  add("replicates", "replicates: 3", "each configuration with three seeds; the mean counts");
  return out;
}

std::string remarks(std::string_view text, const spec::Parsed& parsed) {
  std::vector<spec::Diagnostic> all = parsed.diagnostics;
  const auto found = lint::lint(parsed.spec, text);
  all.insert(all.end(), found.begin(), found.end());
  if (all.empty()) return {};
  std::string out = "# What the linter says (docs/lint.md):\n";
  for (const spec::Diagnostic& d : all) {
    out += "#   " + d.code + " " + (d.path.empty() ? "" : d.path + ": ") + d.message + "\n";
    if (!d.help.empty()) out += "#     " + d.help + "\n";
  }
  return out;
}

}  // namespace

const std::vector<Preset>& presets() {
  static const std::vector<Preset> all = {
      {"scratch", "training from scratch: bayes, 60 trials, asha", kScratch},
      {"finetune", "fine-tuning: tight random search, 24 trials", kFinetune},
  };
  return all;
}

std::string from_wandb(std::string_view text, const spec::Parsed& parsed) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const spec::SourceMap map(text);
  const lint::Plan plan = lint::make_plan(parsed.spec, 0);
  std::string out = "# A W&B sweep file, unchanged below these comments.\n#\n" +
                    parts(parsed.spec, map, plan) + "#\n" + std::string(kTrainer) + "#\n" +
                    suggestions(parsed.spec, map, spec::is_json(text));
  const std::string said = remarks(text, parsed);
  if (!said.empty()) out += "#\n" + said;
  out += "\n" + std::string(text);
  if (!text.ends_with('\n')) out += '\n';
  return out;
}

}  // namespace scopa::cli
