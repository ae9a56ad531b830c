#include "analysis/config_format.h"

#include <gtest/gtest.h>

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
}

}  // namespace
}  // namespace scopa::analysis
