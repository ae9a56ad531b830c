#include "broker/spec/parse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sdk/base/limits.h"
#include "tests/unit/broker/spec/spec_testing.h"

namespace scopa::spec {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kFull = R"(# a sweep as W&B's documentation writes it
program: ./train
method: bayes
name: mlp
description: "learning rate and width"
project: fashion
entity: team
metric:
  name: val/loss
  goal: maximize
  target: 0.9
  impute: best
parameters:
  lr:
    distribution: log_uniform_values
    min: 1e-5
    max: 1e-1
  layers: {min: 1, max: 4}
  optimizer:
    parameters:
      name: {values: [adam, sgd]}
      momentum: {min: 0.0, max: 1, when: {name: sgd}}
  epochs: {value: 10}
early_terminate:
  type: hyperband
  min_iter: 3
  eta: 2
  strict: false
command: ["${env}", "nice", "${program}", "${args}"]
run_cap: 30
seed: 7
)";

TEST(ParseTest, AFullSweepIsReadWithItsDefaults) {
  const Parsed parsed = parse(kFull);
  EXPECT_TRUE(parsed.ok());
  EXPECT_THAT(brief(parsed), testing::IsEmpty());
  const SweepSpec& spec = parsed.spec;
  EXPECT_EQ(spec.program, "./train");
  EXPECT_EQ(spec.method, Method::kBayes);
  EXPECT_EQ(spec.name, "mlp");
  EXPECT_EQ(spec.description, "learning rate and width");
  EXPECT_EQ(spec.project, "fashion");
  ASSERT_TRUE(spec.metric.has_value());
  EXPECT_EQ(spec.metric->name, "val/loss");
  EXPECT_EQ(spec.metric->goal, Goal::kMaximize);
  EXPECT_EQ(spec.metric->target, 0.9);
  EXPECT_EQ(spec.metric->impute, "best");
  EXPECT_EQ(spec.metric->impute_while_running, "false");
  ASSERT_TRUE(spec.pruner.has_value());
  const auto& hyperband = std::get<Hyperband>(spec.pruner->kind);
  EXPECT_EQ(hyperband.min_iter, 3);
  EXPECT_EQ(hyperband.eta, 2.0);
  EXPECT_FALSE(hyperband.strict);
  EXPECT_THAT(spec.command, ElementsAre("${env}", "nice", "${program}", "${args}"));
  EXPECT_EQ(spec.run_cap, 30u);
  EXPECT_EQ(spec.seed, 7u);
}

TEST(ParseTest, ParametersKeepTheOrderOfTheFileNestedOnesInPlace) {
  const Parsed parsed = parse(kFull);
  ASSERT_EQ(parsed.spec.parameters.size(), 5u);
  std::vector<std::string> names;
  for (const Parameter& p : parsed.spec.parameters) names.push_back(p.name);
  EXPECT_THAT(names, ElementsAre("lr", "layers", "optimizer.name", "optimizer.momentum", "epochs"));
  EXPECT_THAT(parsed.spec.parameters[3].path, ElementsAre("optimizer", "momentum"));
  const Distribution& momentum = parsed.spec.parameters[3].distribution;
  EXPECT_EQ(momentum.kind, DistributionKind::kUniform);
  EXPECT_EQ(momentum.max, 1.0);
}

TEST(ParseTest, JsonIsReadLikeYaml) {
  const Parsed parsed = parse(
      "{\n\t\"method\": \"grid\",\"name\":\"\\ud83d\\ude00 \\/ \\u00e9\",\n"
      "\t\"parameters\": {\"a\": {\"values\": [1, 1.0, \"x\", null]}}}\n");
  EXPECT_THAT(brief(parsed), IsEmpty());
  EXPECT_EQ(parsed.spec.name, "\xF0\x9F\x98\x80 / \xC3\xA9");
  EXPECT_THAT(parsed.spec.parameters.at(0).distribution.values,
              ElementsAre(Value(std::int64_t{1}), Value(1.0), Value(std::string("x")),
                          Value(std::monostate{})));
}

TEST(ParseTest, WindowsLineEndsAndByteOrderMarksAreNoFault) {
  const Parsed parsed = parse("\xEF\xBB\xBFmethod: random\r\nparameters:\r\n  a: {valu: 1}\r\n");
  EXPECT_THAT(brief(parsed), ElementsAre("S007 parameters.a.valu 3:7"));
}

TEST(ParseTest, QuotesDecideBetweenTextAndNumber) {
  const Parsed parsed = parse_one("{values: ['1', \"true\", 1, true, !!str 2, !!float 3]}");
  EXPECT_THAT(brief(parsed), IsEmpty());
  EXPECT_THAT(
      parsed.spec.parameters.at(0).distribution.values,
      ElementsAre(Value(std::string("1")), Value(std::string("true")), Value(std::int64_t{1}),
                  Value(true), Value(std::string("2")), Value(3.0)));
}

TEST(ParseTest, ListsAndMapsAreValuesInCanonicalJson) {
  const Parsed parsed = parse_one("{values: [[1, 2.0], {b: x, a: [null, true]}]}");
  EXPECT_THAT(
      parsed.spec.parameters.at(0).distribution.values,
      ElementsAre(Value(Composite{"[1,2.0]"}), Value(Composite{R"({"a":[null,true],"b":"x"})"})));
}

TEST(ParseTest, AnchorsAndMergeKeysAreResolved) {
  const Parsed parsed = parse(
      "method: random\nparameters:\n"
      "  a: &base {distribution: q_uniform, min: 0, max: 8, q: 2}\n"
      "  b: {<<: *base, max: 16}\n"
      "  c: *base\n");
  EXPECT_THAT(brief(parsed), IsEmpty());
  ASSERT_EQ(parsed.spec.parameters.size(), 3u);
  EXPECT_EQ(parsed.spec.parameters[1].distribution.max, 16);
  EXPECT_EQ(parsed.spec.parameters[1].distribution.q, 2);
  EXPECT_EQ(parsed.spec.parameters[2].distribution.max, 8);
}

TEST(ParseTest, AllFaultsAreToldInOneGoInTheOrderOfTheFile) {
  const Parsed parsed = parse(
      "methd: bayes\n"
      "metric: {name: loss, goal: minimise}\n"
      "parameters:\n"
      "  lr: {distribution: log_uniform_values, min: 0, max: 0.1}\n"
      "  1x: {value: 1}\n"
      "  b: {min: 5, max: 5}\n"
      "early_terminate: {type: hyperband, eta: 1}\n"
      "run_cap: 0\n"
      "command: python train.py\n");
  EXPECT_THAT(
      brief(parsed),
      ElementsAre("S007 methd 1:1", "S008 method 1:1", "S010 metric.goal 2:28",
                  "S012 parameters.lr.min 4:47", "S018 parameters.1x 5:3",
                  "S014 parameters.b.min 6:12", "S023 early_terminate 7:1",
                  "S013 early_terminate.eta 7:41", "S013 run_cap 8:10", "S009 command 9:10"));
}

TEST(ParseTest, SectionsThatScopaDoesNotNeedAreCheckedAndIgnored) {
  const Parsed parsed = parse(
      "method: random\nparameters: {a: {value: 1}}\nentity: e\njob: j\nimage_uri: u\n"
      "apiVersion: v1\nkind: sweep\ncontroller: {type: local, more: 1}\n");
  EXPECT_THAT(brief(parsed), IsEmpty());
}

TEST(ParseTest, ASchedulerIsIgnoredAndThatIsSaid) {
  const Parsed parsed =
      parse("method: random\nparameters: {a: {value: 1}}\nscheduler: {engine: wandb}\n");
  EXPECT_TRUE(parsed.ok());
  EXPECT_THAT(brief(parsed), ElementsAre("S041 scheduler 3:1"));
}

TEST(ParseTest, WhatCannotBeSearchedIsRefusedBeforeItRuns) {
  EXPECT_THAT(codes(parse("method: bayes\nparameters: {a: {values: [1, 2]}}\n")),
              ElementsAre("S024 metric"));
  EXPECT_THAT(codes(parse("method: custom\nparameters: {a: {value: 1}}\n")),
              ElementsAre("S024 method"));
  EXPECT_THAT(codes(parse("method: random\nparameters: {a: {value: 1}}\n"
                          "early_terminate: {type: hyperband, min_iter: 3}\n")),
              ElementsAre("S024 early_terminate"));
  EXPECT_THAT(
      codes(parse("method: grid\nparameters:\n  a: {min: 0.0, max: 1.0}\n"
                  "  b: {values: [1, 2], probabilities: [0.5, 0.5]}\n"
                  "  c: {parameters: {d: {distribution: normal}}}\n"
                  "  e: {min: 0, max: 9}\n")),
      ElementsAre("S024 parameters.a", "S024 parameters.b", "S024 parameters.c.parameters.d"));
}

TEST(ParseTest, AGridThatLeavesOutItsMaxWarns) {
  EXPECT_THAT(codes(parse("method: grid\nparameters:\n"
                          "  a: {distribution: q_uniform, min: 0, max: 10, q: 2}\n"
                          "  b: {distribution: q_uniform, min: 0, max: 10, q: 3}\n")),
              ElementsAre("S044 parameters.a"));
}

TEST(ParseTest, HyperbandNeedsOneOfItsForms) {
  const auto with = [](const std::string& keys) {
    return codes(
        parse("method: random\nmetric: {name: loss}\nparameters: {a: {value: 1}}\n"
              "early_terminate: {type: hyperband" +
              keys + "}\n"));
  };
  EXPECT_THAT(with(", min_iter: 3"), IsEmpty());
  EXPECT_THAT(with(", min_iter: 3.0"), IsEmpty());
  EXPECT_THAT(with(", max_iter: 27, s: 2"), IsEmpty());
  EXPECT_THAT(with(", max_iter: 27, s: 2, min_iter: 3"),
              ElementsAre("S043 early_terminate.min_iter"));
  EXPECT_THAT(with(""), ElementsAre("S023 early_terminate"));
  EXPECT_THAT(with(", s: 2"), ElementsAre("S023 early_terminate"));
  EXPECT_THAT(with(", max_iter: 27"), ElementsAre("S023 early_terminate.s"));
  EXPECT_THAT(with(", max_iter: 2, s: 1"), ElementsAre("S023 early_terminate.max_iter"));
  EXPECT_THAT(with(", max_iter: 27, s: 2.5"), ElementsAre("S009 early_terminate.s"));
  EXPECT_THAT(with(", min_iter: 0"), ElementsAre("S013 early_terminate.min_iter"));
  EXPECT_THAT(with(", min_iter: 3, strict: maybe"), ElementsAre("S009 early_terminate.strict"));
}

TEST(ParseTest, WhereABooleanIsMeantThoseOfYaml11AreTaken) {
  const auto strict = [](const std::string& word) {
    const Parsed parsed = parse(
        "method: random\nmetric: {name: loss}\nparameters: {a: {value: 1}}\n"
        "early_terminate: {type: hyperband, min_iter: 3, strict: " +
        word + "}\n");
    EXPECT_THAT(brief(parsed), IsEmpty()) << word;
    return std::get<Hyperband>(parsed.spec.pruner.value().kind).strict;
  };
  for (const char* word : {"yes", "On", "TRUE", "YES"}) EXPECT_TRUE(strict(word)) << word;
  for (const char* word : {"no", "Off", "False", "OFF"}) EXPECT_FALSE(strict(word)) << word;
}

TEST(ParseTest, CommandPartsAreTextAndTheirMacrosKnown) {
  const Parsed good = parse(
      "method: random\nparameters: {a: {value: 1}}\n"
      "command: [nice, -n, 5, 1.50, true, '${envvar:HOME}/bin/x', 'echo $PATH ${y}', '${args}']\n");
  EXPECT_THAT(brief(good), IsEmpty());
  EXPECT_THAT(good.spec.command, ElementsAre("nice", "-n", "5", "1.50", "true",
                                             "${envvar:HOME}/bin/x", "echo $PATH ${y}", "${args}"));
  const Parsed bad = parse(
      "method: random\nparameters: {a: {value: 1}}\n"
      "command: ['${porgram}', '--x=${args}', null, [a]]\n");
  EXPECT_THAT(brief(bad), ElementsAre("S025 command[0] 3:11", "S025 command[1] 3:25",
                                      "S009 command[2] 3:40", "S009 command[3] 3:46"));
  EXPECT_EQ(bad.diagnostics.at(0).help, "did you mean `${program}`?");
}

TEST(ParseTest, OneGoalIsSaidOnceOfAListOfMetrics) {
  const std::string rest =
      "metrics: [{name: a}, {name: b}]\nparameters: {x: {min: 0.0, max: 1.0}}\n";
  const Parsed bayes = parse("method: bayes\n" + rest);
  EXPECT_THAT(codes(bayes), ElementsAre("S022 metrics"));
  EXPECT_THAT(bayes.diagnostics[0].message, HasSubstr("a sweep optimises one metric"));
  EXPECT_THAT(bayes.diagnostics[0].help, HasSubstr("write `metric: {name: ..., goal: ...}`"))
      << "and not `method: custom`, which would be the next error";
  const Parsed custom = parse("method: custom\n" + rest);
  EXPECT_THAT(codes(custom), ElementsAre("S024 method"));
  EXPECT_THAT(custom.diagnostics[0].help, HasSubstr("instead of `metrics`"));
}

TEST(ParseTest, ANumberThatIsTooLargeIsOneFault) {
  const std::string huge = "30414093201713378043612608166064768844377641568960512000000000000";
  for (const std::string& file :
       {"method: random\nparameters: {n: {min: 1, max: " + huge + "}}\n",
        "method: random\nparameters: {n: {distribution: int_uniform, min: 1, max: " + huge + "}}\n",
        "method: random\nparameters: {n: {distribution: q_uniform, min: 1, max: 9, q: " + huge +
            "}}\n",
        "method: random\nparameters: {n: {values: [1, " + huge + "]}}\n",
        "method: random\nparameters: {n: {values: [1, 2], probabilities: [1, " + huge + "]}}\n",
        "method: random\nparameters: {n: {value: 1}}\nrun_cap: " + huge + "\n",
        "method: random\nparameters: {n: {value: 1}}\nmax_trial_time: " + huge + "\n",
        "method: random\nparameters: {n: {value: 1}}\nname: " + huge + "\n",
        "method: random\nparameters: {n: {min: 0.0, max: 1.0}}\ninitial: [{n: " + huge + "}]\n",
        "method: random\nparameters: {n: {value: 1}}\nmetric: {name: a, target: " + huge + "}\n",
        "method: random\nparameters: {n: {value: 1}}\non_nan: " + huge + "\n"}) {
    EXPECT_THAT(codes(parse(file)), ElementsAre("S029 ")) << file;
  }
}

TEST(ParseTest, ATextWithANulCanReachNoProgram) {
  for (const std::string file :
       {R"(parameters: {a: {values: ["x\0y", z]}})", R"(parameters: {a: {value: [1, "\0"]}})",
        R"(parameters: {a: {value: 1}}
program: "./tr\0ain")",
        R"(parameters: {a: {value: 1}}
command: ["./train", "\x00"])",
        R"({"parameters": {"a": {"value": "\u0000"}}, "method": "random"})"}) {
    const std::string text = (file.front() == '{' ? "" : "method: random\n") + file + "\n";
    const Parsed parsed = parse(text);
    EXPECT_THAT(codes(parsed), ElementsAre("S030 ")) << text;
    EXPECT_GT(parsed.diagnostics.at(0).line, 0);
    EXPECT_FALSE(parsed.ok());
    EXPECT_TRUE(parsed.ok_in_store()) << "a sweep that is there already goes on";
  }
}

TEST(ParseTest, WhatIsLeftOutOfManyFindingsIsNoWorseThanTheyAre) {
  std::string values = "\"\\0\"";
  for (std::size_t i = 0; i < limits::kSpecFindingsMax; ++i) values += ", \"\\0\"";
  const Parsed parsed = parse_one("{values: [" + values + "]}");
  EXPECT_EQ(parsed.diagnostics.size(), limits::kSpecFindingsMax + 1);
  EXPECT_FALSE(parsed.ok());
  EXPECT_TRUE(parsed.ok_in_store());
  EXPECT_FALSE(parse("method: random\n").ok_in_store());
}

TEST(ParseTest, AGroupWithoutItsParametersIsOneErrorWithTheRemedy) {
  const Parsed parsed = parse(
      "method: random\nmetric: {name: loss}\nparameters:\n  optimizer:\n"
      "    name: {values: [adam, sgd]}\n    lr: {values: [0.001, 0.005]}\n"
      "  momentum: {min: 0.0, max: 0.9, when: {optimizer.name: sgd}}\n");
  EXPECT_THAT(brief(parsed), ElementsAre("S007 parameters.optimizer 4:3"));
  EXPECT_EQ(parsed.diagnostics[0].help, "write `optimizer: {parameters: {name: ..., lr: ...}}`");
  EXPECT_THAT(
      codes(parse("method: random\nparameters:\n  g:\n    when: {x: 1}\n"
                  "    inner: {lr: {min: 5, max: 1}, b: {value: 1}}\n  x: {values: [1, 2]}\n")),
      ElementsAre("S007 parameters.g", "S007 parameters.g.inner", "S014 parameters.g.inner.lr.min"))
      << "what is wrong inside is told in the same go";
  EXPECT_THAT(codes(parse_one("{nmae: {values: [1]}, min: 1, max: 2}")),
              ElementsAre("S007 parameters.a.nmae"))
      << "with keys of a parameter beside it, it is none of a group";
}

TEST(ParseTest, WhatIsNoSweepFileIsSaidPlainly) {
  EXPECT_THAT(codes(parse("")), ElementsAre("S005 "));
  EXPECT_THAT(codes(parse("# nothing\n")), ElementsAre("S005 "));
  EXPECT_THAT(codes(parse("just text")), ElementsAre("S005 "));
  EXPECT_THAT(codes(parse("- a\n- b\n")), ElementsAre("S005 "));
  EXPECT_THAT(codes(parse("method: random\n---\nmethod: grid\n")), ElementsAre("S030 "));
  EXPECT_THAT(codes(parse("a: b: c\n")), ElementsAre("S003 "));
  EXPECT_THAT(codes(parse("method: random\nparameters:\n\ta: {value: 1}\n")), ElementsAre("S003 "));
  EXPECT_THAT(parse("method: random\nparameters:\n\ta: {value: 1}\n").diagnostics.at(0).help,
              HasSubstr("tabs"));
}

TEST(ParseTest, ARepeatedKeyIsAFaultAndNotTheLastOnesWin) {
  const Parsed parsed = parse("method: random\nparameters:\n  a: {value: 1}\n  a: {value: 2}\n");
  EXPECT_THAT(brief(parsed), ElementsAre("S006 a 4:3"));
  EXPECT_EQ(parsed.diagnostics.at(0).label, "first in line 3");
}

TEST(ParseTest, OldBooleansAreTextWithAWarning) {
  const Parsed parsed = parse_one("{values: [yes, 'no', on]}");
  EXPECT_TRUE(parsed.ok());
  EXPECT_THAT(codes(parsed),
              ElementsAre("S042 parameters.a.values[0]", "S042 parameters.a.values[2]"));
  EXPECT_EQ(parsed.spec.parameters.at(0).distribution.values.at(0), Value(std::string("yes")));
}

}  // namespace
}  // namespace scopa::spec
