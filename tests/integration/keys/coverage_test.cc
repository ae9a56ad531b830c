// No key of the sweep file is left out of these tests: each one occurs in a sweep that some test
// runs.
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "broker/spec/distributions.h"
#include "broker/spec/key_table.h"
#include "broker/spec/tree.h"
#include "tests/integration/support/process.h"

namespace scopa::test {
namespace {

using spec::KeySection;

/// Keys by section, as "SECTION key", and distributions by name.
class Used {
 public:
  void read(const std::string& text) {
    spec::Node root;
    spec::Findings findings;
    ASSERT_TRUE(spec::read_tree(text, &root, &findings)) << text;
    section(KeySection::kTop, root);
    section(KeySection::kOwn, root);
    inner(root, "scopa", KeySection::kOwn);
    inner(root, "metric", KeySection::kMetric);
    inner(root, "controller", KeySection::kController);
    inner(root, "scheduler", KeySection::kScheduler);
    for (const spec::Node* own : {static_cast<const spec::Node*>(&root), map(root, "scopa")}) {
      if (own == nullptr) continue;
      inner(*own, "budget", KeySection::kBudget);
      inner(*own, "bayes", KeySection::kBayes);
    }
    if (const spec::Node* pruner = map(root, "early_terminate")) read_pruner(*pruner);
    if (const spec::Node* parameters = map(root, "parameters")) read_parameters(*parameters);
  }
  bool has(KeySection section, std::string_view key) const {
    return keys_.contains({section, std::string(key)});
  }
  bool has_distribution(std::string_view name) const {
    return distributions_.contains(std::string(name));
  }

 private:
  static const spec::Node* map(const spec::Node& node, std::string_view key) {
    const spec::Entry* entry = node.find(key);
    return entry != nullptr && entry->value.type == spec::NodeType::kMap ? &entry->value : nullptr;
  }
  void section(KeySection section, const spec::Node& node) {
    for (const spec::Entry& entry : node.entries) keys_.insert({section, entry.key});
  }
  void inner(const spec::Node& node, std::string_view key, KeySection kind) {
    if (const spec::Node* found = map(node, key)) section(kind, *found);
  }
  void read_pruner(const spec::Node& node) {
    const spec::Entry* type = node.find("type");
    ASSERT_NE(type, nullptr);
    const spec::SectionRow* row = spec::find_pruner(type->value.text);
    ASSERT_NE(row, nullptr) << type->value.text;
    section(row->section, node);
    if (const spec::Node* wrapped = map(node, "wraps")) read_pruner(*wrapped);
  }
  void read_parameters(const spec::Node& node) {
    for (const spec::Entry& entry : node.entries) {
      section(KeySection::kParameter, entry.value);
      if (const spec::Entry* named = entry.value.find("distribution")) {
        distributions_.insert(named->value.text);
      }
      if (const spec::Node* nested = map(entry.value, "parameters")) read_parameters(*nested);
    }
  }

  std::set<std::pair<KeySection, std::string>> keys_;
  std::set<std::string> distributions_;
};

class KeyCoverageTest : public ::testing::Test {
 protected:
  KeyCoverageTest() {
    for (const auto& entry : std::filesystem::directory_iterator(SWEEPS)) {
      std::string text = read_file(entry.path());
      std::erase(text, '@');  // of the places that tests fill in, which are no YAML
      used_.read(text);
      names_.push_back(entry.path().stem());
    }
  }
  Used used_;
  std::vector<std::string> names_;
};

TEST_F(KeyCoverageTest, EveryKeyOccursInASweep) {
  for (const spec::KeyRow& row : spec::key_table()) {
    if (row.use == spec::Use::kRefused) continue;
    EXPECT_TRUE(used_.has(row.section, row.key))
        << spec::row_of(row.section).path << " " << spec::row_of(row.section).type << ": "
        << row.key;
  }
}

TEST_F(KeyCoverageTest, EveryDistributionIsNamedInASweep) {
  for (const spec::DistributionRow& row : spec::distribution_table()) {
    // These three are also the ones that are told from bare keys.
    const bool is_inferred =
        row.name == "categorical" || row.name == "int_uniform" || row.name == "uniform";
    EXPECT_TRUE(is_inferred || used_.has_distribution(row.name)) << row.name;
  }
}

TEST_F(KeyCoverageTest, EverySweepIsRunByATest) {
  std::string tests;
  for (const char* file : {"wandb_keys_test.cc", "own_keys_test.cc", "pruner_keys_test.cc"}) {
    tests += read_file(std::string(SWEEPS) + "/../" + file);
  }
  for (const std::string& name : names_) {
    EXPECT_NE(tests.find('"' + name + '"'), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace scopa::test
