// docs/lint.md has every rule of the table, and its examples are what is printed.
#include <gtest/gtest.h>

#include <set>

#include "broker/lint/rules.h"
#include "tests/unit/broker/lint/lint_testing.h"

namespace scopa::lint {
namespace {

TEST(LintDocsTest, TheTableOfCodesIsTheLinters) {
  const std::string doc = read_file(std::string(SCOPA_DOCS_DIR) + "/lint.md");
  std::set<std::string_view> codes;
  std::string_view last;
  for (const RuleRow& row : rule_table()) {
    EXPECT_EQ(&row_of(row.rule), &row) << row.code;
    EXPECT_TRUE(codes.insert(row.code).second) << row.code;
    EXPECT_LT(last, row.code);
    last = row.code;
    const std::string line = "| " + std::string(row.code) + " | " +
                             std::string(spec::name_of(row.severity)) + " | " +
                             std::string(row.title) + " | ";
    EXPECT_NE(doc.find("\n" + line), std::string::npos) << line;
  }
  std::size_t rows = 0;
  for (std::size_t at = 0; (at = doc.find("\n| L0", at)) != std::string::npos; ++at) ++rows;
  EXPECT_EQ(rows, rule_table().size());
}

TEST(LintDocsTest, TheRenderedExampleIsWhatIsPrinted) {
  const std::string text =
      "program: ./train\nmethod: bayes\nmetric: {name: val_loss}\nparameters:\n  lr:\n"
      "    distribution: uniform\n    min: 1e-5\n    max: 0.1\n"
      "  dropout: {min: 0.0, max: 0.5}\nrun_cap: 40\n"
      "early_terminate: {type: hyperband, min_iter: 5}\n";
  const std::string said = shown(all_findings(text), text);
  const std::string doc = read_file(std::string(SCOPA_DOCS_DIR) + "/lint.md");
  EXPECT_NE(doc.find("$ scopa check sweep.yaml\n" + said + "\n"), std::string::npos) << said;
}

}  // namespace
}  // namespace scopa::lint
