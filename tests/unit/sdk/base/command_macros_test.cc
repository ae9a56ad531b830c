#include "sdk/base/command_macros.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scopa {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const Params kParams = {{"lr", 0.1},
                        {"layers", std::int64_t{3}},
                        {"opt.name", std::string("adam w")},
                        {"bias", true},
                        {"norm", false},
                        {"none", std::monostate{}},
                        {"sizes", Composite{"[1,2]"}}};

std::optional<std::string> no_env(std::string_view) { return std::nullopt; }

std::vector<std::string> expand(const std::vector<std::string>& command,
                                const std::string& program = "./train",
                                const Params& params = kParams) {
  const auto env = [](std::string_view name) -> std::optional<std::string> {
    if (name == "HOME") return "/home/me";
    return std::nullopt;
  };
  const auto result = expand_command(command, program, params, env, "/tmp/p");
  EXPECT_TRUE(result.is_ok()) << result.status().to_string();
  return result ? *result : std::vector<std::string>{};
}

std::string fault(const std::vector<std::string>& command, const std::string& program = "./train") {
  const auto result = expand_command(command, program, kParams, no_env, "/tmp/p");
  EXPECT_FALSE(result.is_ok());
  EXPECT_EQ(result.status().code(), Code::kInvalidArgument);
  return result.status().to_string();
}

TEST(CommandMacrosTest, ArgumentsAreOneEachInEveryForm) {
  EXPECT_THAT(expand({"x", "${args}"}),
              ElementsAre("x", "--lr=0.1", "--layers=3", "--opt.name=adam w", "--bias=true",
                          "--norm=false", "--none=null", "--sizes=[1,2]"));
  const Params two = {{"lr", 0.5}, {"flag", true}, {"off", false}};
  EXPECT_THAT(expand({"x", "${args_no_equals}"}, "p", two),
              ElementsAre("x", "--lr", "0.5", "--flag", "true", "--off", "false"));
  EXPECT_THAT(expand({"x", "${args_no_hyphens}"}, "p", two),
              ElementsAre("x", "lr=0.5", "flag=true", "off=false"));
  EXPECT_THAT(expand({"x", "${args_no_boolean_flags}"}, "p", two),
              ElementsAre("x", "--lr=0.5", "--flag"));
  EXPECT_THAT(expand({"x", "${args_append_hydra}"}, "p", two),
              ElementsAre("x", "+lr=0.5", "+flag=true", "+off=false"));
  EXPECT_THAT(expand({"x", "${args_override_hydra}"}, "p", two),
              ElementsAre("x", "++lr=0.5", "++flag=true", "++off=false"));
  EXPECT_THAT(expand({"x", "${args_json}"}, "p", two),
              ElementsAre("x", R"({"lr":0.5,"flag":true,"off":false})"));
  EXPECT_THAT(expand({"x", "${args_json_file}"}), ElementsAre("x", "/tmp/p.json"));
}

TEST(CommandMacrosTest, NoParametersAreNoArguments) {
  EXPECT_THAT(expand({"x", "${args}", "y"}, "p", {}), ElementsAre("x", "y"));
}

TEST(CommandMacrosTest, MacrosOfOneArgumentMayStandInsideOne) {
  EXPECT_THAT(expand({"${envvar:HOME}/bin/run", "--config=${args_json_file}", "-x${program}y"}),
              ElementsAre("/home/me/bin/run", "--config=/tmp/p.json", "-x./trainy"));
}

TEST(CommandMacrosTest, WhatAShellExpandsIsLeftToIt) {
  EXPECT_THAT(expand({"bash", "-c", "echo ${HOME} $1 ${x:-y} $(date) ${", "}"}),
              ElementsAre("bash", "-c", "echo ${HOME} $1 ${x:-y} $(date) ${", "}"));
}

TEST(CommandMacrosTest, ExpandedTextIsNotExpandedAgain) {
  EXPECT_THAT(expand({"x", "${args}"}, "p", {{"a", std::string("${program}")}}),
              ElementsAre("x", "--a=${program}"));
}

TEST(CommandMacrosTest, TheDefaultCommandFitsTheProgram) {
  const Params one = {{"a", std::int64_t{1}}};
  EXPECT_THAT(expand({}, "./train", one), ElementsAre("./train", "--a=1"));
  EXPECT_THAT(expand({}, "train.py", one),
              ElementsAre("/usr/bin/env", "python", "train.py", "--a=1"));
}

TEST(CommandMacrosTest, UnknownMacrosAreErrorsWithTheNearest) {
  EXPECT_THAT(fault({"${porgram}"}), HasSubstr("did you mean `${program}`?"));
  EXPECT_THAT(fault({"${HOMEDIR}"}), HasSubstr("`${envvar:HOMEDIR}`"));
  EXPECT_THAT(fault({"${}"}), HasSubstr("${args_no_hyphens}"));
  EXPECT_THAT(fault({"--x=${args}"}), HasSubstr("several arguments"));
  EXPECT_THAT(fault({"${envvar:}"}), HasSubstr("names no variable"));
  EXPECT_THAT(fault({"${envvar:NOPE}"}), HasSubstr("`NOPE` is not set"));
}

TEST(CommandMacrosTest, NothingToRunIsSaid) {
  EXPECT_THAT(fault({}, ""), HasSubstr("no `program`"));
  EXPECT_THAT(fault({"${env}", "${program}"}, ""), HasSubstr("no `program`"));
  EXPECT_THAT(fault({""}), HasSubstr("nothing to run"));
  EXPECT_FALSE(expand_command({"${args}"}, "", {}, no_env, "").is_ok());
}

TEST(CommandMacrosTest, ANulCharacterCannotCutAnArgumentShort) {
  const Params params = {{"a", std::string("x\0y", 3)}};
  const auto result = expand_command({"t", "${args}"}, "", params, no_env, "");
  ASSERT_FALSE(result.is_ok());
  EXPECT_THAT(result.status().message(), HasSubstr("NUL"));
}

TEST(CommandMacrosTest, AFileIsThereWhereAMacroNamesIt) {
  const Params params = {{"a.b", 1e-5}};
  EXPECT_TRUE(config_files({"x", "${args_json}", "$(args_json_file)"}, params, "/tmp/p").empty());
  const auto files = config_files(
      {"x", "--a=${args_nested_yaml_file} ${args_json_file}", "${args_nested_json_file}"}, params,
      "/tmp/p");
  ASSERT_EQ(files.size(), 3U);
  EXPECT_EQ(files[0].path, "/tmp/p.json");
  EXPECT_EQ(files[0].text, R"({"a.b":1.0e-05})");
  EXPECT_EQ(files[1].path, "/tmp/p.nested.json");
  EXPECT_EQ(files[1].text, R"({"a":{"b":1.0e-05}})");
  EXPECT_EQ(files[2].path, "/tmp/p.nested.yaml");
  EXPECT_EQ(files[2].text, "a:\n  b: 1.0e-05");
  EXPECT_THAT(
      expand(
          {"x", "--a=${args_nested_yaml_file}", "${args_nested_json_file}", "${args_nested_json}"},
          "p", params),
      ElementsAre("x", "--a=/tmp/p.nested.yaml", "/tmp/p.nested.json", R"({"a":{"b":1.0e-05}})"));
}

TEST(CommandMacrosTest, AListIsSpreadOverArguments) {
  const Params params = {{"sizes", Composite{R"([64,0.0001,"a b",[1,2]])"}},
                         {"none", Composite{"[]"}},
                         {"map", Composite{R"({"a":1})"}},
                         {"lr", 0.1}};
  EXPECT_THAT(expand({"x", "${args_spread}"}, "p", params),
              ElementsAre("x", "--sizes", "64", "0.0001", "a b", "[1,2]", "--none",
                          R"(--map={"a":1})", "--lr=0.1"));
  EXPECT_THAT(expand({"python", "${args_spread}"}, "p", {{"a", Composite{"[true,null]"}}}),
              ElementsAre("python", "--a", "True", "None"));
}

TEST(CommandMacrosTest, PythonProgramsGetPythonsWords) {
  const Params params = {
      {"on", true}, {"off", false}, {"none", std::monostate{}}, {"list", Composite{"[true]"}}};
  EXPECT_THAT(expand({}, "train.py", params),
              ElementsAre("/usr/bin/env", "python", "train.py", "--on=True", "--off=False",
                          "--none=None", "--list=[True]"));
  EXPECT_THAT(expand({"python3", "${program}", "${args_no_equals}"}, "train", {{"on", true}}),
              ElementsAre("python3", "train", "--on", "True"));
  EXPECT_THAT(expand({"${program}", "${args_no_hyphens}"}, "./train.py", {{"on", true}}),
              ElementsAre("./train.py", "on=True"));
  EXPECT_THAT(expand({"${program}", "${args_no_boolean_flags}"}, "./train.py", params),
              ElementsAre("./train.py", "--on", "--none=None", "--list=[True]"));
}

// Hydra's grammar knows true and null, and takes None for a text. JSON is JSON.
TEST(CommandMacrosTest, HydraAndJsonKeepTheirOwnWords) {
  const Params params = {{"on", true}, {"none", std::monostate{}}};
  EXPECT_THAT(
      expand({"python", "${program}", "${args_override_hydra}", "${args_append_hydra}",
              "${args_json}", "${args_nested_json}"},
             "train.py", params),
      ElementsAre("python", "train.py", "++on=true", "++none=null", "+on=true", "+none=null",
                  R"({"on":true,"none":null})", R"({"on":true,"none":null})"));
}

TEST(CommandMacrosTest, AColonNamesTheWords) {
  const Params params = {{"on", true}};
  EXPECT_THAT(expand({"./t", "${args:python}", "${args_no_equals:python}",
                      "${args_append_hydra:python}", "${args:json}"},
                     "p", params),
              ElementsAre("./t", "--on=True", "--on", "True", "+on=True", "--on=true"));
  EXPECT_THAT(expand({"python", "t.py", "${args:json}"}, "p", params),
              ElementsAre("python", "t.py", "--on=true"));
  EXPECT_THAT(fault({"${args:yaml}"}), HasSubstr("`python` (True, False, None) or `json`"));
  EXPECT_THAT(fault({"${args_json:python}"}), HasSubstr("no words to choose"));
  EXPECT_THAT(fault({"${arg:python}"}), HasSubstr("did you mean `${args}`?"));
  EXPECT_THAT(fault({"x${args:python}"}), HasSubstr("several arguments"));
}

TEST(CommandMacrosTest, APythonProgramIsKnownByWhatStartsIt) {
  using Command = std::vector<std::string>;
  for (const Command& command :
       {Command{}, {"${program}", "${args}"}, {"uv", "run", "${program}", "${args}"}}) {
    EXPECT_EQ(words_of(command, "dir/train.py"), Words::kPython);
    EXPECT_EQ(words_of(command, "./train"), Words::kJson);
  }
  for (const char* item : {"${interpreter}", "python", "python3", "/usr/bin/python3.11", "pypy3",
                           "torchrun", "/opt/x/bin/accelerate", "deepspeed", "src/train.py"}) {
    EXPECT_EQ(words_of({"nice", item, "x", "${args}"}, "./train"), Words::kPython) << item;
  }
  for (const char* item :
       {"pythonic", "python-config", "train.pyc", "bash", "train.sh", "python3 train.py x"}) {
    EXPECT_EQ(words_of({"nice", item, "x", "${args}"}, "./train"), Words::kJson) << item;
  }
  EXPECT_EQ(words_of({"./train", "${args}", "--then", "after.py"}, "other.py"), Words::kJson);
}

TEST(CommandMacrosTest, MacrosThatNameNoWordsAreKnown) {
  EXPECT_THAT(macros_without_words({}), ElementsAre("args"));
  EXPECT_THAT(
      macros_without_words({"${program}", "${args:json}", "${args_append_hydra}", "${args_json}"}),
      IsEmpty());
  EXPECT_THAT(macros_without_words({"${args_spread}", "${args:python}"}),
              ElementsAre("args_spread"));
}

TEST(CommandMacrosTest, OneParametersValueStandsWhereItIsNamed) {
  EXPECT_THAT(expand({"fasttext", "-lr", "${param:lr}", "--n=${param:layers}x${param:opt.name}"}),
              ElementsAre("fasttext", "-lr", "0.1", "--n=3xadam w"));
  EXPECT_THAT(expand({"x", "${param:bias}", "${param:sizes}"}), ElementsAre("x", "true", "[1,2]"));
  EXPECT_THAT(expand({"x", "${param:momentum}", "-m${param:momentum}"}), ElementsAre("x", "", "-m"))
      << "inactive in this trial";
  EXPECT_THAT(expand({"bash", "-c", "run ${param:lr} ${HOME} ${param:}"}),
              ElementsAre("bash", "-c", "run 0.1 ${HOME} ${param:}"));
  const Params nested = {{"a", std::string("${param:b}")}, {"b", 1.5}};
  EXPECT_THAT(expand({"x", "${param:a}"}, "p", nested), ElementsAre("x", "${param:b}"))
      << "a value is not expanded again";
}

TEST(CommandMacrosTest, TheMacrosOfAnArgumentAreListed) {
  const auto uses = macros_of("a ${args_json_file} ${lr} ${param:opt.lr} ${param:}");
  ASSERT_EQ(uses.size(), 4u);
  EXPECT_TRUE(uses[0].is_known);
  EXPECT_EQ(uses[1].inside, "lr");
  EXPECT_FALSE(uses[1].is_known);
  EXPECT_EQ(uses[2].param, "opt.lr");
  EXPECT_FALSE(uses[3].is_known);
  EXPECT_TRUE(macros_of("$HOME {x}").empty());
}

}  // namespace
}  // namespace scopa
