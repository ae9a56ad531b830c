// Keys of a sweep file that are neither W&B's nor Scopa's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/broker/spec/spec_testing.h"

namespace scopa::spec {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Parsed with_key(const std::string& key) {
  return parse("method: random\nparameters: {lr: {min: 0.0, max: 1.0}}\n" + key + "\n");
}

TEST(UnknownKeysTest, WhatOthersKeepBesideTheSearchIsIgnoredWithAWarning) {
  for (const std::string key : {"sweep_count", "launch", "resources", "tags", "notes", "optimizer",
                                "comment", "queue", "goal", "values"}) {
    const Parsed parsed = with_key(key + ": {a: [1, 2]}");
    EXPECT_TRUE(parsed.ok()) << key;
    EXPECT_THAT(brief(parsed), ElementsAre("S007 " + key + " 3:1"));
    ASSERT_EQ(parsed.diagnostics.size(), 1u);
    EXPECT_EQ(parsed.diagnostics[0].severity, Severity::kWarning);
    EXPECT_EQ(parsed.diagnostics[0].message, "`" + key + "` is not a key of a sweep file: ignored");
    EXPECT_FALSE(parsed.diagnostics[0].help.empty());
    EXPECT_EQ(parsed.spec.parameters.size(), 1u);
  }
  EXPECT_THAT(with_key("goal: minimize").diagnostics.at(0).help, HasSubstr("into `metric`"));
}

TEST(UnknownKeysTest, AKnownKeyThatWasMeantIsAnError) {
  for (const auto& [key, meant] : {std::pair{"parameter", "parameters"},
                                   {"metrcs", "metrics"},
                                   {"run_caps", "run_cap"},
                                   {"runcap", "run_cap"},
                                   {"Method", "method"},
                                   {"progam", "program"},
                                   {"early_terminte", "early_terminate"},
                                   {"max_stesp", "max_steps"},
                                   {"comand", "command"}}) {
    const Parsed parsed = with_key(std::string(key) + ": {a: 1}");
    EXPECT_FALSE(parsed.ok()) << key;
    ASSERT_THAT(codes(parsed), ElementsAre("S007 " + std::string(key)));
    EXPECT_EQ(parsed.diagnostics[0].severity, Severity::kError);
    EXPECT_EQ(parsed.diagnostics[0].help, "did you mean `" + std::string(meant) + "`?");
  }
}

TEST(UnknownKeysTest, NamesThatAreMarkedAsForeignAreLeftAlone) {
  const Parsed parsed = parse(
      "method: random\n.rates: &rates {distribution: log_uniform_values, min: 0.0001, max: 0.1}\n"
      "x-base: &base {min: 1, max: 4}\n_note: [1, 2]\n"
      "parameters:\n  lr: *rates\n  lr_head: *rates\n  layers: *base\n");
  EXPECT_THAT(brief(parsed), IsEmpty());
  EXPECT_EQ(parsed.spec.parameters.size(), 3u);
}

TEST(UnknownKeysTest, InsideParametersAndOtherSectionsTheyStayErrors) {
  for (const std::string file :
       {"parameters: {a: {value: 1, foo: 2}}", "parameters: {a: {value: 1, _foo: 2}}",
        "parameters: {a: {parameters: {b: {x-foo: 1, value: 1}}}}",
        "parameters: {a: {value: 1}}\nmetric: {name: a, unit: m}",
        "parameters: {a: {value: 1}}\nmetric: {name: a}\n"
        "early_terminate: {type: asha, foo: 1}",
        "parameters: {a: {value: 1}}\nbudget: {foo: 1}",
        "parameters: {a: {value: 1}}\nscopa: {foo: 1}"}) {
    const Parsed parsed = parse("method: random\n" + file + "\n");
    ASSERT_EQ(parsed.diagnostics.size(), 1u) << file;
    EXPECT_EQ(parsed.diagnostics[0].code, "S007") << file;
    EXPECT_FALSE(parsed.ok()) << file;
  }
}

TEST(UnknownKeysTest, ASchedulerOfWandbLaunchIsTaken) {
  const Parsed parsed = with_key(
      "scheduler: {job: wandb/launch/scheduler, resource: local-container, num_workers: 8}");
  EXPECT_TRUE(parsed.ok());
  EXPECT_THAT(codes(parsed), ElementsAre("S041 scheduler", "S007 scheduler.job",
                                         "S007 scheduler.resource", "S007 scheduler.num_workers"));
  EXPECT_THAT(codes(with_key("scheduler: {source: a.py}")),
              ElementsAre("S008 scheduler.engine", "S041 scheduler"))
      << "without a key of Launch it is W&B's own section, which needs its engine";
}

}  // namespace
}  // namespace scopa::spec
