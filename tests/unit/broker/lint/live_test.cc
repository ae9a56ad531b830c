#include "broker/lint/live.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <deque>

#include "broker/spec/parse.h"

namespace scopa::lint {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

/// A sweep that has run for a while.
struct History {
  explicit History(const std::string& yaml) {
    const spec::Parsed parsed = spec::parse(yaml);
    EXPECT_TRUE(parsed.ok()) << yaml;
    spec = parsed.spec;
  }

  void add(TrialState state, Params p, std::optional<double> value, std::size_t logged = 5) {
    params.push_back(std::move(p));
    trials.push_back({trials.size(), state, &params.back(), value ? logged : 0, value});
  }

  std::vector<std::string> heads() const {
    std::vector<std::string> found;
    for (const auto& remark : live_remarks(spec, trials)) found.push_back(remark.head());
    return found;
  }
  /// Those about parameters: where the best are, and what fails.
  std::vector<std::string> of_parameters() const {
    std::vector<std::string> found;
    for (const std::string& head : heads()) {
      if (head.starts_with("L053") || head.starts_with("L054")) found.push_back(head);
    }
    return found;
  }
  std::string text() const {
    std::string all;
    for (const auto& remark : live_remarks(spec, trials)) all += remark.line() + "\n";
    return all;
  }

  spec::SweepSpec spec;
  std::deque<Params> params;
  std::vector<LiveTrial> trials;
};

const std::string kRate =
    "method: random\nmetric: {name: loss}\nparameters:\n"
    "  lr: {distribution: log_uniform_values, min: 1e-5, max: 1e-2}\n";

/// `n` trials with rates evenly spread over the decades, the best ones near `best`.
History spread(int n, double best, const std::string& yaml = kRate) {
  History h(yaml);
  for (int i = 0; i < n; ++i) {
    const double lr = std::pow(10, -5 + 3 * (i + 0.5) / n);
    h.add(TrialState::kCompleted, {{"lr", lr}}, std::abs(std::log10(lr / best)));
  }
  return h;
}

TEST(LiveLintTest, TheBestTrialsAtABorderAreAReasonToWidenTheRange) {
  EXPECT_THAT(spread(20, 1e-2).text(),
              AllOf(StartsWith("L053 `lr`: the best trial, 19, has "),
                    HasSubstr("at the upper border"), HasSubstr("`max: 0.02`")));
  EXPECT_THAT(spread(40, 1e-5).text(), HasSubstr("`min: 1e-6`"));
}

TEST(LiveLintTest, NothingIsSaidOfABestTrialInTheMiddleOrTooEarly) {
  EXPECT_THAT(spread(40, 3e-4).of_parameters(), IsEmpty());
  EXPECT_THAT(spread(40, 5e-3).of_parameters(), IsEmpty()) << "the middle of a decade is no border";
  EXPECT_THAT(spread(19, 1e-2).heads(), IsEmpty());
}

TEST(LiveLintTest, OneTrialAtABorderIsChance) {
  History h = spread(40, 3e-4);
  h.add(TrialState::kCompleted, {{"lr", 0.00999}}, -1);
  EXPECT_THAT(h.of_parameters(), IsEmpty());
}

TEST(LiveLintTest, ARunningOrFailedTrialAtABorderDoesNotCount) {
  History h = spread(40, 3e-4);
  for (int i = 0; i < 9; ++i) h.add(TrialState::kPruned, {{"lr", 0.0099 + 1e-6 * i}}, -1);
  for (int i = 0; i < 9; ++i) h.add(TrialState::kRunning, {{"lr", 0.0098 + 1e-6 * i}}, -1);
  EXPECT_THAT(h.of_parameters(), IsEmpty());
}

TEST(LiveLintTest, TheGoalDecidesWhichTrialIsTheBest) {
  std::string yaml = kRate;
  yaml.replace(yaml.find("name: loss"), 10, "name: acc, goal: maximize");
  History h(yaml);
  for (int i = 0; i < 20; ++i) {
    h.add(TrialState::kCompleted, {{"lr", std::pow(10, -5 + 0.15 * i)}}, i);
  }
  EXPECT_THAT(h.text(), HasSubstr("upper border"));
}

TEST(LiveLintTest, ARangeThatEndsForAReasonIsNotWidened) {
  for (const std::string parameter :
       {"dropout: {min: 0.0, max: 0.5}", "x: {min: 0.0, max: 0.5}", "layers: {min: 1, max: 40}"}) {
    History h("method: random\nmetric: {name: loss}\nparameters:\n  " + parameter + "\n");
    const std::string name = h.spec.parameters[0].name;
    for (int i = 0; i < 40; ++i) {
      Params params = {{name, 0.5 * i / 40}};
      if (name == "layers") params = {{name, std::int64_t{i + 1}}};
      h.add(TrialState::kCompleted, std::move(params), i);
    }
    EXPECT_THAT(h.of_parameters(), IsEmpty()) << parameter;
  }
}

TEST(LiveLintTest, IntegersGetAWiderRangeOfIntegers) {
  History h("method: random\nmetric: {name: loss}\nparameters:\n  x: {min: 10, max: 50}\n");
  for (std::int64_t i = 10; i <= 50; ++i) {
    h.add(TrialState::kCompleted, {{"x", i}}, static_cast<double>(-i));
  }
  EXPECT_THAT(h.text(), HasSubstr("`max: 70`"));
}

TEST(LiveLintTest, AMetricThatIsLoggedOncePerTrialStarvesThePruner) {
  const std::string yaml = kRate + "early_terminate: {type: hyperband, min_iter: 3}\n";
  History h(yaml);
  for (int i = 0; i < 3; ++i) h.add(TrialState::kCompleted, {{"lr", 1e-3 + 1e-4 * i}}, 1.0, 1);
  EXPECT_THAT(h.heads(), ElementsAre("L052 `loss`:"));
  EXPECT_THAT(h.text(), HasSubstr("`hyperband` has nothing to compare"));
  h.add(TrialState::kCompleted, {{"lr", 2e-3}}, 1.0, 3);
  EXPECT_THAT(h.heads(), IsEmpty()) << "one trial with a curve is enough";

  History plain(kRate);
  for (int i = 0; i < 9; ++i) plain.add(TrialState::kCompleted, {{"lr", 1e-3}}, 1.0, 1);
  EXPECT_THAT(plain.heads(), IsEmpty()) << "without a pruner once is enough";

  History steps(kRate + "max_steps: 10\n");
  for (int i = 0; i < 3; ++i) steps.add(TrialState::kCompleted, {{"lr", 1e-3}}, 1.0, 1);
  EXPECT_THAT(steps.text(), HasSubstr("`max_steps` is never reached"));
}

TEST(LiveLintTest, AWiderRangeIsAtMostTwiceAsLarge) {
  const auto wider = [](const std::string& name, const std::string& range, double best,
                        std::int64_t step = 1) {
    History h("method: random\nmetric: {name: loss}\nparameters:\n  " + name + ": {" + range +
              "}\n");
    const auto near = static_cast<std::int64_t>(best);
    for (std::int64_t i = 0; i < 20; ++i) {
      const Value value =
          name == "x" ? Value(best - 0.01 * static_cast<double>(i)) : Value(near - i % 3 * step);
      h.add(TrialState::kCompleted, {{name, value}}, static_cast<double>(i));
    }
    return h.text();
  };
  EXPECT_THAT(wider("epochs", "distribution: q_log_uniform_values, min: 2, max: 40, q: 1", 40),
              HasSubstr("`max: 80`"));
  EXPECT_THAT(wider("width", "distribution: q_log_uniform_values, min: 8, max: 128, q: 8", 128, 8),
              HasSubstr("`max: 256`"));
  EXPECT_THAT(wider("x", "min: 0.0, max: 4.0", 4), HasSubstr("`max: 6`"));
}

TEST(LiveLintTest, ABoundIsWrittenAsInTheFile) {
  History h(kRate);
  for (int i = 0; i < 20; ++i) {
    const double lr = i == 0 ? 0.009999999999999995 : 0.0099 - 1e-5 * i;
    h.add(TrialState::kCompleted, {{"lr", lr}}, i);
  }
  EXPECT_THAT(h.text(), StartsWith("L053 `lr`: the best trial, 0, has 0.01, at the upper border"));
}

TEST(LiveLintTest, APrunerThatNoTrialEverMeetsIsNamedWithItsKey) {
  const auto said = [](const std::string& rest, std::size_t values, std::int64_t last_step) {
    History h(kRate + rest);
    for (int i = 0; i < 3; ++i) {
      h.add(TrialState::kCompleted, {{"lr", 1e-3 + 1e-4 * i}}, 1.0, values);
      h.trials.back().last_step = last_step;
    }
    return h.text();
  };
  const auto pruner = [](const std::string& text) { return "early_terminate: " + text + "\n"; };
  EXPECT_EQ(said(pruner("{type: hyperband, min_iter: 3}"), 2, 2),
            "L055 `loss`: `hyperband` compares trials after 3 values, and none logs more than 2 "
            "values: log it more often, or lower `min_iter`\n");
  EXPECT_EQ(said(pruner("{type: hyperband, min_iter: 3}"), 3, 3), "");
  EXPECT_EQ(said(pruner("{type: hyperband, max_iter: 27, s: 2}"), 2, 90).substr(0, 4), "L055");
  EXPECT_EQ(said(pruner("{type: asha, min_resource: 10}"), 9, 9),
            "L055 `loss`: `asha` begins at step 10, and trials end at step 9 at the latest: lower "
            "`min_resource`, or log later steps\n");
  EXPECT_EQ(said(pruner("{type: asha, min_resource: 10}"), 2, 10), "") << "steps count";
  EXPECT_EQ(said(pruner("{type: median, warmup: 10}"), 5, 9).substr(0, 4), "L055");
  EXPECT_THAT(said("max_steps: 50\n" + pruner("{type: predictive}"), 50, 49),
              HasSubstr("`predictive` learns from trials that come to step 50, and all end at step "
                        "49 at the latest: write `max_steps: 49`"))
      << "steps that begin at 0";
  EXPECT_EQ(said("max_steps: 50\n" + pruner("{type: predictive}"), 50, 50), "");
  EXPECT_EQ(said(pruner("{type: threshold, upper: 9, warmup: 10}"), 5, 9).substr(0, 4), "L055");
  EXPECT_THAT(said(pruner("{type: patient, patience: 20}"), 5, 19), HasSubstr("lower `patience`"));
  EXPECT_THAT(
      said(pruner("{type: patient, patience: 2, wraps: {type: asha, min_resource: 20}}"), 5, 19),
      HasSubstr("lower `min_resource`"));
}

TEST(LiveLintTest, TwentyTrialsWithoutABetterOneAreWorthARemark) {
  const auto run = [](int after, const std::string& method = "random") {
    std::string yaml = kRate;
    yaml.replace(0, std::string("method: random").size(), "method: " + method);
    if (method == "grid")
      yaml.replace(yaml.find("  lr:"), std::string::npos, "  lr: {min: 1, max: 99}\n");
    History h(yaml);
    const auto add = [&](TrialState state, std::optional<double> value) {
      const double lr = 1e-4 * (1 + 0.01 * static_cast<double>(h.trials.size()));
      h.add(state, {{"lr", lr}}, value);
    };
    for (int i = 0; i < 5; ++i) add(TrialState::kCompleted, 1.0 - 0.1 * i);
    for (int i = 0; i < after; ++i) {
      add(i % 3 == 0 ? TrialState::kPruned : TrialState::kCompleted, 0.7);
      add(TrialState::kFailed, {});
      add(TrialState::kRunning, 0.1);
    }
    return h.text();
  };
  EXPECT_EQ(run(19), "");
  EXPECT_THAT(run(20), StartsWith("L056 `loss`: none of the 20 trials since trial 4 was better"));
  EXPECT_EQ(run(30, "grid"), "") << "a grid is gone through whatever comes";
}

const std::string kOptimizers =
    "method: random\nmetric: {name: loss}\nparameters:\n  optimizer: {values: [adam, sgd, lion]}\n"
    "  seed: {min: 1, max: 1000000}\n";

History with_failures(int lion_failures, int lion_successes, int others) {
  History h(kOptimizers);
  std::int64_t seed = 1;
  const auto add = [&](TrialState state, const char* optimizer) {
    h.add(state, {{"optimizer", std::string(optimizer)}, {"seed", seed++}}, {});
  };
  for (int i = 0; i < lion_failures; ++i) add(TrialState::kFailed, "lion");
  for (int i = 0; i < lion_successes; ++i) add(TrialState::kCompleted, "lion");
  for (int i = 0; i < others; ++i)
    add(i % 2 == 0 ? TrialState::kPruned : TrialState::kCompleted, "adam");
  return h;
}

TEST(LiveLintTest, AValueWithWhichAllTrialsFailIsNamed) {
  EXPECT_THAT(with_failures(4, 0, 2).text(),
              AllOf(StartsWith("L054 `optimizer`: all 4 trials with \"lion\" have failed"),
                    HasSubstr("2 with another value have not")));
  EXPECT_THAT(with_failures(3, 0, 9).heads(), IsEmpty()) << "three may be chance";
  EXPECT_THAT(with_failures(9, 1, 9).heads(), IsEmpty()) << "one success shows that it can";
  EXPECT_THAT(with_failures(9, 0, 1).heads(), IsEmpty()) << "then it is not the value";
}

TEST(LiveLintTest, WhatTheMachineOrTheProgramDidIsNoValuesFault) {
  History h = with_failures(9, 0, 9);
  for (LiveTrial& trial : h.trials) {
    if (trial.state == TrialState::kFailed) trial.may_be_its_parameters = false;
  }
  EXPECT_THAT(h.heads(), IsEmpty());
}

TEST(LiveLintTest, AValueWithWhichAllTrialsDivergeIsNamedToo) {
  History h = with_failures(4, 0, 2);
  for (LiveTrial& trial : h.trials) {
    if (trial.state == TrialState::kFailed) trial.state = TrialState::kDiverged;
  }
  EXPECT_THAT(h.heads(), ElementsAre("L054 `optimizer`:", "L068 `loss`:"));
}

TEST(LiveLintTest, WhichNoticesAreSaidAnewIsKnown) {
  EXPECT_TRUE(is_renewed("L053 `lr`: the best trial"));
  EXPECT_TRUE(is_renewed("L056 `loss`: none"));
  EXPECT_FALSE(is_renewed("L051 `loss`: trials end without a value"));
  EXPECT_FALSE(is_renewed("worker w1 is quarantined: ..."));
  EXPECT_FALSE(is_renewed(""));
}

TEST(LiveLintTest, AMetricThatNeverComesNamesWhatCame) {
  const LiveRemark remark = goal_never_logged("val_los", {"epoch", "val_loss"});
  EXPECT_EQ(remark.line(),
            "L051 `val_los`: trials end without a value of this goal metric; they logged `epoch`, "
            "`val_loss`; did you mean `val_loss`?");
  EXPECT_THAT(goal_never_logged("loss", {}).text, HasSubstr("they logged nothing"));
  EXPECT_THAT(goal_never_logged("a\nb", {"c\x1b[31m"}).line(), ::testing::Not(HasSubstr("\n")));
}

TEST(LiveLintTest, LooksGetRareAsTrialsGetMany) {
  std::uint64_t looks = 0;
  for (std::uint64_t n = 0; n <= 20'000; ++n) looks += is_time_to_look(n) ? 1 : 0;
  EXPECT_LE(looks, 50u);
  EXPECT_TRUE(is_time_to_look(4));
  EXPECT_TRUE(is_time_to_look(20)) << "as soon as a border can be judged";
  EXPECT_FALSE(is_time_to_look(0));
}

}  // namespace
}  // namespace scopa::lint
