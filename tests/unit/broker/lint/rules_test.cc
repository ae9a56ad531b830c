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
  EXPECT_THAT(help_of(file(with_parameters(10, "  layers: {values: [2, 4]}\n"), "run_cap: 50\n")),
              HasSubstr("`run_cap: 110`"));
}

// What is left is what the trials do for: with the remedy taken the rule is silent.
TEST(LintRulesTest, SoManyParametersAreLeftAsTheTrialsDoFor) {
  const auto kept = [](int n, int trials) {
    return help_of(file(with_parameters(n), "run_cap: " + std::to_string(trials) + "\n"));
  };
  EXPECT_THAT(kept(10, 50), HasSubstr("or fix all but the 7 that matter most"));
  EXPECT_THAT(kept(10, 99), HasSubstr("or fix all but the 9 that matter most"));
  EXPECT_THAT(kept(10, 30), HasSubstr("or fix all but the 6 that matter most"));
  EXPECT_THAT(kept(10, 8), HasSubstr("or fix all but the 2 that matter most"));
  EXPECT_THAT(kept(3, 14), HasSubstr("or fix all but the 2 that matter most"));
  for (const int trials : {3, 8, 14, 30, 50, 99}) {
    const std::string help = kept(10, trials);
    const int left = std::stoi(help.substr(help.find("but the ") + 8));
    EXPECT_THAT(codes(file(with_parameters(left), "run_cap: " + std::to_string(trials) + "\n")),
                IsEmpty())
        << help;
  }
}

TEST(LintRulesTest, ManyParametersWithoutANumberOfTrialsAreRemarkedOn) {
  EXPECT_THAT(codes(file(with_parameters(9))), IsEmpty());
  EXPECT_THAT(codes(file(with_parameters(10))), ElementsAre("L011 parameters"));
  EXPECT_THAT(help_of(file(with_parameters(10))), HasSubstr("`run_cap: 100`"));
  EXPECT_THAT(codes(file(with_parameters(10), "budget: {wall_time: 2h}\n")), IsEmpty());
}

TEST(LintRulesTest, ALargeLearningRateIsWrongForAdamAndAdviceElsewhere) {
  const std::string rate = "  lr: {distribution: log_uniform_values, min: 0.01, max: 2}\n";
  const auto severity = [](const std::string& text) {
    const auto findings = all_findings(text);
    return findings.size() == 1 ? findings[0].severity : spec::Severity::kError;
  };
  EXPECT_EQ(severity(file(rate)), spec::Severity::kAdvice) << "fastText's best rate is 0.6";
  for (const char* adam : {"  optimizer: {values: [sgd, AdamW]}\n", "  opt: {value: adam}\n",
                           "  optim: {values: [lion, sgd]}\n"}) {
    EXPECT_EQ(severity(file(rate + adam)), spec::Severity::kWarning) << adam;
  }
  EXPECT_THAT(help_of(file(rate)), StartsWith("write `lr: {distribution: log_uniform_values, "
                                              "min: 0.01, max: 0.1}` for these"));
}

TEST(LintRulesTest, ARepeatedValueIsNotSaidToBeTriedTwice) {
  const auto message = [](const std::string& parameters, const std::string& method = "random") {
    return all_findings(file(parameters, "", method)).at(0).message;
  };
  const std::string flag = "  flag: {values: [1, 0, 0, 0]}\n";
  EXPECT_THAT(message(flag), HasSubstr("no configuration is tried twice"));
  EXPECT_THAT(message(flag, "grid"), HasSubstr("no configuration is tried twice"));
  EXPECT_THAT(message(flag + kRulesRate), HasSubstr("which comes up more often"))
      << "with a rate beside it there is always another configuration";
}

std::string with_items(const std::string& items, const std::string& program = "./train") {
  return file(kRulesRate + "  hidden: {values: [64, 128]}\n",
              "program: " + program + "\ncommand: [" + items + "]\n");
}

TEST(LintRulesTest, ACommandThatMeansWhatItSaysIsSound) {
  for (const char* items :
       {"'${program}', '${args}'", "python, train, '${args}'", "'/opt/my tools/x', '${program}'",
        "'${program}', '--name=two words', '${args}'", "'${program}', '--note', 'two words'",
        "bash, -c, 'cd $HOME && ${program} -x 1 --epochs 15'",
        "bash, -euc, '${program} -x $lr ${lr:-1}'", "ssh, host, 'cd $HOME', '${program}'",
        "'${program}', '${envvar:HOME}/x', '$1', 'a$'", "awk, '{print $1}', '${program}'",
        "'${program}', '-5'", "'${program}', ' -x 5'"}) {
    EXPECT_THAT(codes(with_items(items)), IsEmpty()) << items;
  }
}

TEST(LintRulesTest, ACommandThatCannotMeanWhatItSaysIsRemarkedOn) {
  EXPECT_THAT(codes(with_items("'${program}', '--logdir logdir --configs x=prolog'")),
              ElementsAre("L081 command[1]"));
  EXPECT_THAT(codes(with_items("'python3 train.py', '${program}'")),
              ElementsAre("L081 command[0]"));
  EXPECT_EQ(help_of(with_items("'${program}', '--epochs 15  --model resnet'")),
            "write \"--epochs\", \"15\", \"--model\", \"resnet\"");
  EXPECT_THAT(codes(with_items("'${program}', '--data=$TMP/x'")), ElementsAre("L082 command[1]"));
  EXPECT_EQ(help_of(with_items("'${program}', '--data=$TMP/x'")),
            "write `${envvar:TMP}`, or start a shell: `bash`, `-c`, ...");
  EXPECT_EQ(help_of(with_items("'${program}', '--lr=$lr'")),
            "for the parameter write `${param:lr}`");
  EXPECT_THAT(codes(with_items("bash, run.sh, '$HOME', '${program}'")),
              ElementsAre("L082 command[2]"))
      << "a script's arguments are expanded by nobody";
  EXPECT_THAT(codes(with_items("'./other', '${args}'", "train.py")), ElementsAre("L083 command"));
}

TEST(LintRulesTest, HyperbandsBandAtTheEndHasARemedyWithoutIt) {
  const auto hyperband = [](const std::string& keys, int of) {
    return file(kRulesRate, "max_steps: " + std::to_string(of) +
                                "\nearly_terminate: {type: hyperband, " + keys + "}\n");
  };
  EXPECT_THAT(codes(hyperband("min_iter: 3", 30)), ElementsAre("L022 early_terminate.min_iter"));
  EXPECT_THAT(help_of(hyperband("min_iter: 3", 30)), StartsWith("write `max_iter: 27, s: 2`"));
  EXPECT_THAT(codes(hyperband("max_iter: 27, s: 2", 30)), IsEmpty()) << "the remedy";
  EXPECT_THAT(codes(hyperband("min_iter: 3", 36)), Not(Contains(StartsWith("L022"))))
      << "27 of 36 is early enough";
  EXPECT_THAT(codes(hyperband("min_iter: 3", 27)), IsEmpty()) << "27 of 27 is never reached";
  EXPECT_THAT(help_of(hyperband("min_iter: 5, eta: 1.5", 20)), StartsWith("use `type: asha`"))
      << "5, 7, 11 and 16 cannot be had in the other form";
}

TEST(LintRulesTest, APrunerThatBeginsInTheLastQuarterStopsNobody) {
  const auto codes_of = [](const std::string& pruner) {
    return codes(file(kRulesRate, "max_steps: 100\nearly_terminate: " + pruner + "\n"));
  };
  EXPECT_THAT(codes_of("{type: asha, min_resource: 75}"),
              ElementsAre("L022 early_terminate.min_resource"));
  EXPECT_THAT(codes_of("{type: asha, min_resource: 76}"),
              ElementsAre("L023 early_terminate.min_resource"));
  EXPECT_THAT(codes_of("{type: predictive, warmup: 80}"),
              ElementsAre("L023 early_terminate.warmup"));
  EXPECT_THAT(codes_of("{type: threshold, upper: 9, warmup: 80}"), IsEmpty());
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
