// docs/spec.md says what the parser does: its tables and examples are held against the code.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "broker/spec/codes.h"
#include "broker/spec/distributions.h"
#include "broker/spec/key_table.h"
#include "broker/spec/tree.h"
#include "tests/unit/broker/spec/spec_testing.h"

namespace scopa::spec {
namespace {

std::string read_doc(const std::string& name) {
  std::ifstream stream(std::string(SCOPA_DOCS_DIR) + "/" + name);
  std::stringstream text;
  text << stream.rdbuf();
  EXPECT_FALSE(text.str().empty()) << name;
  return text.str();
}

std::vector<std::string> blocks(const std::string& doc, const std::string& language) {
  std::vector<std::string> found;
  const std::string fence = "```" + language + "\n";
  for (std::size_t at = doc.find(fence); at != std::string::npos; at = doc.find(fence, at)) {
    at += fence.size();
    const std::size_t end = doc.find("```", at);
    found.push_back(doc.substr(at, end - at));
    at = end;
  }
  return found;
}

TEST(SpecDocsTest, EveryExampleIsAValidSweepFile) {
  auto examples = blocks(read_doc("spec.md"), "yaml");
  const auto shown_first = blocks(read_doc("../README.md"), "yaml");
  EXPECT_EQ(shown_first.size(), 2u);
  examples.insert(examples.end(), shown_first.begin(), shown_first.end());
  EXPECT_GE(examples.size(), 8u);
  for (const std::string& example : examples) {
    const Parsed parsed = parse(example);
    EXPECT_TRUE(parsed.diagnostics.empty()) << example << render_all(parsed, example);
  }
}

TEST(SpecDocsTest, TheTableOfCodesIsTheParsers) {
  const std::string doc = read_doc("spec.md");
  std::set<std::string_view> codes;
  std::string table;
  for (const RuleRow& row : rule_table()) {
    EXPECT_EQ(&row_of(row.rule), &row) << row.code;
    EXPECT_TRUE(codes.insert(row.code).second) << row.code;
    table += "| " + std::string(row.code) + " | " +
             (row.severity == Severity::kError ? "error" : "warning") + " | " +
             std::string(row.title) + " |\n";
  }
  const std::size_t at = doc.find("| code | | |\n|---|---|---|\n");
  ASSERT_NE(at, std::string::npos);
  EXPECT_EQ(doc.substr(at + 27), table);
}

TEST(SpecDocsTest, EveryKeyAndDistributionIsDescribed) {
  const std::string doc = read_doc("spec.md");
  for (const DistributionRow& row : distribution_table()) {
    EXPECT_NE(doc.find("\n| `" + std::string(row.name) + "` | "), std::string::npos) << row.name;
  }
  for (const KeyRow& row : key_table()) {
    EXPECT_NE(doc.find('`' + std::string(row.key) + '`'), std::string::npos) << row.key;
  }
}

bool has_key(const Node* node, std::string_view key) {
  return node != nullptr && node->find(key) != nullptr;
}

bool has_pruner(const Node* node, const SectionRow& section, std::string_view key) {
  if (node == nullptr) return false;
  const Entry* type = node->find("type");
  if (type != nullptr && type->value.text == section.type && has_key(node, key)) return true;
  const Entry* wraps = node->find("wraps");
  return wraps != nullptr && has_pruner(&wraps->value, section, key);
}

bool has_parameter(const Node* parameters, std::string_view key) {
  if (parameters == nullptr) return false;
  for (const Entry& entry : parameters->entries) {
    const Entry* inner = entry.value.find("parameters");
    if (has_key(&entry.value, key)) return true;
    if (inner != nullptr && has_parameter(&inner->value, key)) return true;
  }
  return false;
}

// Whether the sweep file `root` has the key where the section says.
bool shows(const Node& root, const KeyRow& row) {
  const SectionRow& section = row_of(row.section);
  const Entry* entry = root.find(section.path);
  const Node* node = entry == nullptr ? nullptr : &entry->value;
  if (row.section == KeySection::kTop) return has_key(&root, row.key);
  if (row.section == KeySection::kOwn) return has_key(&root, row.key) || has_key(node, row.key);
  if (row.section == KeySection::kParameter) return has_parameter(node, row.key);
  return section.type.empty() ? has_key(node, row.key) : has_pruner(node, section, row.key);
}

// `scheduler` brings a warning and `metrics` an error, so no example can have them.
TEST(SpecDocsTest, EveryKeyIsShownInAnExample) {
  std::vector<Node> examples;
  for (const std::string& example : blocks(read_doc("spec.md"), "yaml")) {
    Findings findings;
    ASSERT_TRUE(read_tree(example, &examples.emplace_back(), &findings)) << example;
  }
  for (const KeyRow& row : key_table()) {
    if (row.section == KeySection::kScheduler || row.key == "scheduler") continue;
    if (row.use == Use::kRefused) continue;
    EXPECT_TRUE(std::any_of(examples.begin(), examples.end(),
                            [&](const Node& root) { return shows(root, row); }))
        << row_of(row.section).path << ' ' << row_of(row.section).type << ' ' << row.key;
  }
}

TEST(SpecDocsTest, TheRenderedExampleIsWhatIsPrinted) {
  const std::string text =
      "program: ./build/train\nmethod: bayes\nmetric:\n  name: val/accuracy\n  goal: maximize\n"
      "parameters:\n  lr:\n    distribution: log_uniform_values\n    min: 0\n    max: 1e-1\n";
  const std::string shown = render_all(parse(text), text);
  EXPECT_NE(read_doc("spec.md").find("```\n" + shown + "```"), std::string::npos) << shown;
}

}  // namespace
}  // namespace scopa::spec
