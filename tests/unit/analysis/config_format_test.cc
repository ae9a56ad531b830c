#include "analysis/config_format.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace scopa::analysis {
namespace {

const Params kParams = {{"lr", Value(0.001)},
                        {"name", Value(std::string("it's $HOME; `x`"))},
                        {"opt.beta", Value(std::int64_t{2})},
                        {"nesterov", Value(true)},
                        {"empty", Value(std::string())}};

/// What a real shell makes of `script`.
std::string shell(const std::string& script) {
  std::string out;
  std::FILE* pipe = popen(script.c_str(), "r");
  if (pipe == nullptr) return "popen failed";
  std::array<char, 256> buffer{};
  std::size_t n = 0;
  while ((n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0) out.append(buffer.data(), n);
  pclose(pipe);
  return out;
}

TEST(ConfigFormatTest, CommandLineSurvivesTheShell) {
  const std::string line = format_config(kParams, ConfigFormat::kCli);
  EXPECT_EQ(shell("printf '[%s]' " + line),
            "[--lr=0.001][--name=it's $HOME; `x`][--opt.beta=2][--nesterov=true][--empty=]");
}

TEST(ConfigFormatTest, CommandLineSurvivesASubstitutionThatIsEvaluated) {
  // What the example of `scopa best` does with the line.
  const std::string line = format_config(kParams, ConfigFormat::kCli);
  const std::string printer = "cat <<'END'\n" + line + "END\n";
  EXPECT_EQ(shell("eval \"printf '[%s]' $(" + printer + ")\""),
            "[--lr=0.001][--name=it's $HOME; `x`][--opt.beta=2][--nesterov=true][--empty=]");
}

TEST(ConfigFormatTest, ArgumentsWithNulsSurviveXargs) {
  const std::string args = format_config(kParams, ConfigFormat::kArgs0);
  EXPECT_EQ(std::count(args.begin(), args.end(), '\0'), 5);
  std::string printed;
  for (const char c : args)
    printed += c == '\0' ? std::string("\\000") : c == '\'' ? "'\\''" : std::string(1, c);
  EXPECT_EQ(shell("printf -- '" + printed + "' | xargs -0 printf '[%s]'"),
            "[--lr=0.001][--name=it's $HOME; `x`][--opt.beta=2][--nesterov=true][--empty=]");
}

TEST(ConfigFormatTest, ACommandIsOneLineOfAShell) {
  EXPECT_EQ(shell(shell_line({"printf", "[%s]", "a b", "", "it's", "$x", "x=1", "--l=[1,2]"})),
            "[a b][][it's][$x][x=1][--l=[1,2]]");
  EXPECT_EQ(shell_line({"A=b", "c=d"}), "'A=b' c=d");  // no assignment
}

TEST(ConfigFormatTest, WordsAreThoseOfTheProgram) {
  const Params params = {{"amp", Value(true)}, {"none", Value()}};
  EXPECT_EQ(format_config(params, ConfigFormat::kCli, Words::kPython), "--amp=True --none=None\n");
  EXPECT_EQ(format_config(params, ConfigFormat::kArgs0, Words::kPython),
            std::string("--amp=True\0--none=None\0", 23));
  EXPECT_EQ(format_config(params, ConfigFormat::kJson, Words::kPython),
            "{\"amp\":true,\"none\":null}\n");
}

TEST(ConfigFormatTest, NestedFormsHaveGroups) {
  EXPECT_EQ(format_config({{"a.b", Value(1e-8)}}, ConfigFormat::kNestedJson),
            "{\"a\":{\"b\":1.0e-08}}\n");
  EXPECT_EQ(format_config({{"a.b", Value(1e-8)}}, ConfigFormat::kNestedYaml), "a:\n  b: 1.0e-08\n");
}

TEST(ConfigFormatTest, EnvironmentSurvivesTheShell) {
  const std::string lines = format_config(kParams, ConfigFormat::kEnv);
  EXPECT_EQ(shell(lines + "printf '[%s]' \"$lr\" \"$name\" \"$opt_beta\" \"$empty\""),
            "[0.001][it's $HOME; `x`][2][]");
}

TEST(ConfigFormatTest, JsonIsValidAndTyped) {
  const auto json = nlohmann::json::parse(format_config(kParams, ConfigFormat::kJson));
  EXPECT_EQ(json["lr"], 0.001);
  EXPECT_EQ(json["opt.beta"], 2);
  EXPECT_EQ(json["nesterov"], true);
}

TEST(ConfigFormatTest, YamlQuotesKeysThatMeanSomethingElse) {
  const Params params = {
      {"lr", Value(0.5)}, {"on", Value(std::int64_t{1})}, {"a: b", Value(std::string("x\ny"))}};
  EXPECT_EQ(format_config(params, ConfigFormat::kYaml),
            "lr: 0.5\n\"on\": 1\n\"a: b\": \"x\\ny\"\n");
  EXPECT_EQ(format_config({}, ConfigFormat::kYaml), "{}\n");
}

TEST(ConfigFormatTest, FormatsAreKnownByName) {
  EXPECT_EQ(config_format_from("yaml"), ConfigFormat::kYaml);
  EXPECT_FALSE(config_format_from("toml").has_value());
  for (const std::string& name : config_format_names()) {
    EXPECT_TRUE(config_format_from(name).has_value()) << name;
  }
}

}  // namespace
}  // namespace scopa::analysis
