// Whole sweep files: flawed ones, each with the findings that it must give in a file beside it
// ("L001 6": the code and the line), and good ones that must give none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "tests/unit/broker/lint/lint_testing.h"

namespace scopa::lint {
namespace {

std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(SCOPA_LINT_FILES) + "/" + folder)) {
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string path_of(const std::string& folder, const std::string& name) {
  return std::string(SCOPA_LINT_FILES) + "/" + folder + "/" + name;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

class FlawedFile : public ::testing::TestWithParam<std::string> {};

TEST_P(FlawedFile, GivesExactlyTheExpectedFindings) {
  const std::string text = read_file(path_of("flawed", GetParam() + ".yaml"));
  const auto findings = all_findings(text);
  std::vector<std::string> found;
  for (const auto& d : findings) {
    found.push_back(d.code + ' ' + std::to_string(d.line));
    EXPECT_GT(d.column, 0) << d.message;
    EXPECT_FALSE(d.help.empty()) << d.message;
    EXPECT_TRUE(d.severity != spec::Severity::kError || d.code[0] == 'L') << d.message;
  }
  EXPECT_THAT(found, ::testing::UnorderedElementsAreArray(
                         lines_of(read_file(path_of("flawed", GetParam() + ".expected")))))
      << shown(findings, text);
}

class GoodFile : public ::testing::TestWithParam<std::string> {};

TEST_P(GoodFile, GivesNone) {
  const std::string text = read_file(path_of("good", GetParam() + ".yaml"));
  const auto findings = all_findings(text);
  EXPECT_TRUE(findings.empty()) << shown(findings, text);
}

const auto kName = [](const auto& info) { return info.param; };
INSTANTIATE_TEST_SUITE_P(Lint, FlawedFile, ::testing::ValuesIn(files_in("flawed")), kName);
INSTANTIATE_TEST_SUITE_P(Lint, GoodFile, ::testing::ValuesIn(files_in("good")), kName);

TEST(LintFilesTest, ThereAreAtLeast25FlawedFilesAnd10GoodOnes) {
  EXPECT_GE(files_in("flawed").size(), 25u);
  EXPECT_GE(files_in("good").size(), 10u);
}

TEST(LintFilesTest, EveryRuleOfAFileHasAFlawedOne) {
  std::string all;
  for (const std::string& name : files_in("flawed")) {
    all += read_file(path_of("flawed", name + ".expected"));
  }
  for (const RuleRow& row : rule_table()) {
    if (row.live) continue;
    EXPECT_NE(all.find(row.code), std::string::npos) << row.code;
  }
}

TEST(LintFilesTest, TheExamplesGiveNone) {
  for (const auto& entry : std::filesystem::directory_iterator(SCOPA_EXAMPLES_DIR)) {
    if (entry.path().extension() != ".yaml") continue;
    const std::string text = read_file(entry.path().string());
    const auto findings = all_findings(text);
    EXPECT_TRUE(findings.empty()) << entry.path() << "\n" << shown(findings, text);
  }
}

// Whatever the parser lets through, the linter takes: hostile numbers and every prefix of a file.
TEST(LintFilesTest, NoValidFileIsTooOdd) {
  for (const std::string parameter :
       {"{min: -1e308, max: 1e308}", "{distribution: int_uniform, min: 0, max: 9007199254740991}",
        "{distribution: q_uniform, min: 0, max: 1, q: 1e-300}",
        "{distribution: log_uniform_values, min: 1e-300, max: 1e300}",
        "{distribution: normal, mu: 0, sigma: 0}", "{values: [null, [1, 2], {a: 1}]}",
        "{distribution: q_uniform, min: 0, max: 1e-300, q: 1e300}", "{value: \"-\"}",
        "{value: \"..\"}", "{value: \"1..\"}", "{value: \"\"}"}) {
    for (const std::string method : {"random", "bayes", "grid"}) {
      for (const std::string name : {"lr", "dropout", "batch_size", "seed", "epochs", "x"}) {
        const std::string text = "method: " + method +
                                 "\nrun_cap: 1\nmetric: {name: loss}\nparameters:\n  " + name +
                                 ": " + parameter + "\n";
        for (const auto& d : all_findings(text)) EXPECT_FALSE(d.message.empty());
      }
    }
  }
}

}  // namespace
}  // namespace scopa::lint
