// Where each rule begins to speak and where it keeps quiet.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/broker/lint/lint_testing.h"

namespace scopa::lint {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

std::string file(const std::string& parameters, const std::string& rest = "",
                 const std::string& method = "random") {
  return "method: " + method + "\nmetric: {name: val_loss}\n" + rest + "parameters:\n" + parameters;
}

const std::string kRulesRate = "  lr: {distribution: log_uniform_values, min: 1e-5, max: 1e-2}\n";

std::string help_of(const std::string& text) {
  const auto findings = all_findings(text);
  return findings.empty() ? "" : findings[0].help;
}

TEST(LintRulesTest, ARemedyForARangeIsReadyToPaste) {
  const std::string text = file("  lr: {distribution: uniform, min: 1e-5, max: 0.1}\n");
  EXPECT_THAT(help_of(text),
              StartsWith("write `lr: {distribution: log_uniform_values, min: 1e-5, max: 0.1}`"));
  EXPECT_THAT(shown(all_findings(text), text), HasSubstr("90 % of its values are above 0.01"));
  EXPECT_THAT(help_of(file("  wd: {min: 0.0, max: 0.1}\n")),
              StartsWith("write `wd: {distribution: log_uniform_values, min: 1e-5, max: 0.1}`"));
  EXPECT_THAT(
      help_of(file("  units: {min: 16, max: 4096}\n")),
      StartsWith("write `units: {distribution: q_log_uniform_values, min: 16, max: 4096, q: 1}`"));
}

// Pasting what the help says silences the rule: each remedy is put into the file, which then gives
// nothing.
TEST(LintRulesTest, ThePastedRemedySilencesTheRule) {
  for (const std::string parameter :
       {"lr: {distribution: uniform, min: 1e-5, max: 0.1}", "wd: {min: 0.0, max: 0.1}",
        "units: {min: 16, max: 4096}", "learning_rate: {min: -5, max: -1}",
        "lr: {distribution: log_uniform_values, min: 1e-3, max: 100}",
        "dropout: {min: 0.0, max: 50.0}", "dropout: {min: 0.0, max: 1.0}",
        "batch_size: {min: 16.0, max: 512.0}", "epochs: {min: 5.0, max: 20.0}",
        "lr: {value: 1e-4..1e-2}", "batch_size: {value: 16-512}",
        "momentum: {value: 0.5 to 0.9}"}) {
    const std::string help = help_of(file("  " + parameter + "\n"));
    const std::size_t from = help.find('`');
    ASSERT_NE(from, std::string::npos) << parameter;
    const std::string pasted = help.substr(from + 1, help.find('`', from + 1) - from - 1);
    const std::string text = file("  " + pasted + "\n");
    EXPECT_THAT(codes(text), IsEmpty()) << parameter << "\n" << shown(all_findings(text), text);
  }
}

TEST(LintRulesTest, LinearRangesOfSharesSeedsAndNarrowOnesAreSound) {
  for (const std::string parameter :
       {"dropout: {min: 0.001, max: 0.5}", "momentum: {min: 0.0, max: 0.99}",
        "lr: {min: 0.001, max: 0.01}", "lr: {min: 0.001, max: 0.05}",
        "gamma: {min: 0.9, max: 0.999}", "warmup_steps: {min: 0, max: 10000}",
        "n_estimators: {min: 100, max: 1000}", "box: {min: 0.02, max: 0.2}",
        "angle: {min: -180.0, max: 180.0}", "alpha: {min: 0.0, max: 1.0}",
        "lr: {distribution: log_uniform_values, min: 1e-6, max: 1.0}",
        "width: {distribution: q_log_uniform_values, min: 16, max: 4096, q: 16}"}) {
    EXPECT_THAT(codes(file("  " + parameter + "\n")), IsEmpty()) << parameter;
  }
}

TEST(LintRulesTest, ValuesThatOnlyResembleRangesAreSound) {
  for (const std::string parameter :
       {"split: {value: 2020-2024}", "lr: {value: 0.001}", "betas: {value: [0.9, 0.999]}",
        "layers: {values: [[64, 64], [128, 64]]}", "precision: {value: \"16\"}",
        "dataset: {value: cifar-10}", "lr: {values: [1e-3, -1]}", "weight_decay: {value: 1e-4}",
        "lr_schedule: {value: cosine}", "date: {values: [2020-01-01, 2021-01-01]}"}) {
    EXPECT_THAT(codes(file("  " + parameter + "\n")), IsEmpty()) << parameter;
  }
}

TEST(LintRulesTest, AListIsAdvisedAgainstOnlyForTheModel) {
  const std::string list = "  lr: {values: [1e-4, 1e-3, 1e-2]}\n  dropout: {min: 0.0, max: 0.5}\n";
  EXPECT_THAT(codes(file(list)), IsEmpty());
  EXPECT_THAT(codes(file(list, "", "bayes")), ElementsAre("L010 parameters.lr.values"));
  const std::string sizes =
      "  batch_size: {values: [16, 128, 1024]}\n  dropout: {min: 0.0, max: 0.5}\n";
  EXPECT_THAT(codes(file(sizes, "", "bayes")), IsEmpty());
}

std::string with_parameters(int n, const std::string& more = "") {
  std::string parameters = kRulesRate;
  for (int i = 1; i < n; ++i) parameters += "  p" + std::to_string(i) + ": {min: 0.0, max: 1.0}\n";
  return parameters + more;
}

TEST(LintRulesTest, FiveTrialsForEachParameterAreAskedForAndTenFromEightOn) {
  EXPECT_THAT(codes(file(with_parameters(5), "run_cap: 25\n")), IsEmpty());
  EXPECT_THAT(codes(file(with_parameters(5), "run_cap: 24\n")), ElementsAre("L011 parameters"));
  EXPECT_THAT(codes(file(with_parameters(10), "run_cap: 99\n")), ElementsAre("L011 parameters"));
  EXPECT_THAT(codes(file(with_parameters(10), "run_cap: 100\n")), IsEmpty());
  EXPECT_THAT(codes(file(with_parameters(2), "run_cap: 3\n")), IsEmpty());
  EXPECT_THAT(codes(file(with_parameters(10))), IsEmpty()) << "without a cap nothing is known";
  EXPECT_THAT(help_of(file(with_parameters(10, "  layers: {values: [2, 4]}\n"), "run_cap: 50\n")),
              HasSubstr("`run_cap: 110`"));
}

TEST(LintRulesTest, ConditionalParametersCountWhileTheyAreActive) {
  std::string parameters = "  kind: {values: [a, b, c]}\n";
  for (const char* kind : {"a", "b", "c"}) {
    for (int i = 0; i < 4; ++i) {
      parameters += "  " + std::string(kind) + std::to_string(i) +
                    ": {min: 0.0, max: 1.0, when: {kind: " + kind + "}}\n";
    }
  }
  EXPECT_THAT(codes(file(parameters, "run_cap: 25\n")), IsEmpty());  // 5 of 13 at a time
}

TEST(LintRulesTest, OneSizeAloneIsNoArchitectureSearch) {
  EXPECT_THAT(codes(file(kRulesRate + "  hidden_size: {values: [64, 128]}\n")), IsEmpty());
  EXPECT_THAT(codes(file("  hidden_size: {values: [64, 128]}\n  layers: {values: [1, 2]}\n")),
              IsEmpty())
      << "architecture alone";
  EXPECT_THAT(
      codes(file(kRulesRate + "  layers: {values: [1, 2]}\n  hidden_size: {values: [64, 128]}\n")),
      ElementsAre("L012 parameters.layers"));
  EXPECT_THAT(codes(file(kRulesRate + "  layers: {value: 2}\n  hidden_size: {value: 64}\n")),
              IsEmpty());
}

TEST(LintRulesTest, AGridIsHeldAgainstItsCapWithItsExactSize) {
  const std::string grid =
      "  a: {values: [1, 2, 3, 4, 5]}\n  b: {values: [1, 2, 3, 4]}\n  c: {values: [x, y]}\n";
  EXPECT_THAT(codes(file(grid, "run_cap: 40\n", "grid")), IsEmpty());
  const std::string text = file(grid, "run_cap: 39\n", "grid");
  EXPECT_THAT(codes(text), ElementsAre("L013 run_cap"));
  EXPECT_THAT(shown(all_findings(text), text), HasSubstr("40 configurations (a 5 x b 4 x c 2)"));
  EXPECT_THAT(codes(file(grid, "", "grid")), IsEmpty());
  EXPECT_THAT(codes(file("  x: {min: 1, max: 20}\n", "", "grid")), IsEmpty());
  EXPECT_THAT(codes(file("  x: {min: 1, max: 21}\n", "", "grid")),
              ElementsAre("L014 parameters.x"));
}

TEST(LintRulesTest, TheModelNeedsThreeTimesItsRandomStart) {
  EXPECT_THAT(codes(file(kRulesRate, "run_cap: 12\n", "bayes")), ElementsAre("L015 run_cap"));
  EXPECT_THAT(codes(file(kRulesRate, "run_cap: 13\n", "bayes")), IsEmpty());
  EXPECT_THAT(codes(file(kRulesRate, "run_cap: 12\n")), IsEmpty());
  EXPECT_THAT(codes(file(with_parameters(20), "run_cap: 200\n", "bayes")), IsEmpty());
  EXPECT_THAT(codes(file(with_parameters(21), "run_cap: 210\n", "bayes")),
              ElementsAre("L016 method"));
}

TEST(LintRulesTest, ASeedMayBeAConstantOrAGridsAxis) {
  const std::string seed = "  seed: {values: [1, 2, 3]}\n";
  EXPECT_THAT(codes(file(kRulesRate + seed)), ElementsAre("L019 parameters.seed"));
  EXPECT_THAT(codes(file(kRulesRate + "  seed: {value: 1}\n")), IsEmpty());
  EXPECT_THAT(codes(file("  lr: {values: [0.1, 0.2]}\n" + seed, "", "grid")), IsEmpty());
}

TEST(LintRulesTest, HyperbandWithoutAKnownEndIsLeftAlone) {
  const auto hyperband = [](const std::string& keys) {
    return file(kRulesRate, "early_terminate: {type: hyperband, " + keys + "}\n");
  };
  EXPECT_THAT(codes(hyperband("min_iter: 1")), ElementsAre("L021 early_terminate.min_iter"));
  EXPECT_THAT(codes(hyperband("min_iter: 2")), IsEmpty());
  EXPECT_THAT(codes(hyperband("min_iter: 5000")), IsEmpty());
  EXPECT_THAT(codes(hyperband("max_iter: 27, s: 2")), IsEmpty());
  EXPECT_THAT(codes(hyperband("max_iter: 81, s: 4")), ElementsAre("L021 early_terminate.s"));
}

TEST(LintRulesTest, ComparingIsSoundFromATenthToHalfOfATraining) {
  const auto asha = [](int from, int of) {
    return file(kRulesRate, "max_steps: " + std::to_string(of) +
                                "\nearly_terminate: {type: asha, min_resource: " +
                                std::to_string(from) + "}\n");
  };
  EXPECT_THAT(codes(asha(9, 100)), ElementsAre("L021 early_terminate.min_resource"));
  EXPECT_THAT(codes(asha(10, 100)), IsEmpty());
  EXPECT_THAT(codes(asha(50, 100)), IsEmpty());
  EXPECT_THAT(codes(asha(51, 100)), ElementsAre("L022 early_terminate.min_resource"));
  EXPECT_THAT(codes(asha(100, 100)), ElementsAre("L023 early_terminate.min_resource"));
  EXPECT_THAT(help_of(asha(1, 100)), StartsWith("write `min_resource: 25`"));
  EXPECT_THAT(codes(asha(1, 4)), ElementsAre("L025 early_terminate"));
  EXPECT_THAT(codes(asha(1, 6)), IsEmpty());
}

TEST(LintRulesTest, ThePrunersNeedTrialsToCompare) {
  const std::string hyperband = "early_terminate: {type: hyperband, min_iter: 3, eta: 3}\n";
  EXPECT_THAT(codes(file(kRulesRate, "run_cap: 5\n" + hyperband)),
              ElementsAre("L024 early_terminate.eta"));
  EXPECT_THAT(codes(file(kRulesRate, "run_cap: 6\n" + hyperband)), IsEmpty());
  const std::string median = "early_terminate: {type: median, warmup: 5, min_trials: 4}\n";
  EXPECT_THAT(codes(file(kRulesRate, "run_cap: 4\n" + median)),
              ElementsAre("L024 early_terminate.min_trials"));
  EXPECT_THAT(codes(file(kRulesRate, "run_cap: 5\n" + median)), IsEmpty());
}

TEST(LintRulesTest, ABudgetMustHoldTwoOfTheLongestTrials) {
  const auto budget = [](const std::string& hours, int replicates) {
    return file(kRulesRate, "max_trial_time: 1h\nreplicates: " + std::to_string(replicates) +
                                "\nbudget: {device_hours: " + hours + "}\n");
  };
  EXPECT_THAT(codes(budget("2", 1)), IsEmpty());
  EXPECT_THAT(codes(budget("1.9", 1)), ElementsAre("L018 budget.device_hours"));
  EXPECT_THAT(codes(budget("9", 5)), ElementsAre("L018 budget.device_hours"));
}

TEST(LintRulesTest, FindingsComeInTheOrderOfTheFile) {
  const std::string text =
      "parameters:\n  dropout: {min: 0.0, max: 1.0}\n  lr: {min: 1e-5, max: 0.1}\n"
      "metric: {name: acc}\nmethod: random\n";
  EXPECT_THAT(codes(text), ElementsAre("L002 parameters.dropout.max",
                                       "L001 parameters.lr.distribution", "L031 metric"));
}

TEST(LintRulesTest, NamesFromTheFileCannotTearTheMessage) {
  const std::string text = file("  \"lr\\n\\e[31m\": {min: 1e-5, max: 0.1}\n");
  for (const auto& d : all_findings(text)) {
    EXPECT_EQ(d.message.find_first_of("\n\x1b"), std::string::npos);
    EXPECT_EQ(d.help.find_first_of("\n\x1b"), std::string::npos);
  }
}

}  // namespace
}  // namespace scopa::lint
