#include "broker/spec/key_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "broker/spec/distribution_reader.h"
#include "broker/spec/distributions.h"
#include "tests/unit/broker/spec/key_example.h"
#include "tests/unit/broker/spec/spec_testing.h"

namespace scopa::spec {
namespace {

using testing::IsEmpty;

std::string id(const KeyRow& row) {
  const SectionRow& section = row_of(row.section);
  return std::string(section.path) + "/" + std::string(section.type) + "." + std::string(row.key);
}

TEST(KeyTableTest, SectionsStandWhereTheirNumberSays) {
  for (std::size_t i = 0; i < section_table().size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(section_table()[i].section), i);
  }
}

TEST(KeyTableTest, EveryKeyStandsOnceInItsSectionAndIsDescribed) {
  std::set<std::string> seen;
  for (const KeyRow& row : key_table()) {
    EXPECT_TRUE(seen.insert(id(row)).second) << id(row);
    EXPECT_NE(row.types, 0) << id(row);
    EXPECT_FALSE(row.description.empty()) << id(row);
    EXPECT_TRUE(row.example.find(std::string(row.key) + ":") != std::string::npos) << id(row);
    EXPECT_EQ((row.types & kTypeWord) != 0, !row.words.empty()) << id(row);
    EXPECT_EQ(find_key(row.section, row.key), &row) << id(row);
  }
  for (const SectionRow& section : section_table()) EXPECT_FALSE(keys_of(section.section).empty());
}

TEST(KeyTableTest, AKeyAtTheTopAndOneOfTheBlockNeverShareAName) {
  for (const KeyRow& row : keys_of(KeySection::kOwn)) {
    EXPECT_EQ(find_key(KeySection::kTop, row.key), nullptr) << row.key;
  }
}

TEST(KeyTableTest, EveryExampleIsReadWithoutAFinding) {
  for (const KeyRow& row : key_table()) {
    if (row.use == Use::kRefused) continue;
    const std::string file = file_with_example(row);
    const Parsed parsed = parse(file);
    EXPECT_TRUE(parsed.ok()) << id(row) << '\n' << file << render_all(parsed, file);
    if (row.section == KeySection::kScheduler || row.key == "scheduler") continue;  // warns
    EXPECT_THAT(brief(parsed), IsEmpty()) << id(row) << '\n' << file;
  }
}

TEST(KeyTableTest, TheKeysOfAParameterAreThoseOfTheDistributions) {
  std::set<std::string_view> keys;
  for (const std::string_view name : names_of(KeySection::kParameter)) keys.insert(name);
  for (const ParameterKeyRow& row : parameter_key_table()) EXPECT_EQ(keys.erase(row.name), 1u);
  EXPECT_THAT(keys, testing::ElementsAre("distribution", "expr", "parameters", "when"));
}

TEST(KeyTableTest, EveryPrunerTypeHasItsSection) {
  std::vector<std::string_view> types;
  for (const SectionRow& row : section_table()) {
    if (!row.type.empty()) types.push_back(row.type);
  }
  EXPECT_THAT(types, testing::ElementsAreArray(pruner_types()));
}

double inside(const Range& range) {
  return std::isfinite(range.max) ? 0.5 * (range.min + range.max) : range.min + 1;
}

// A number just outside the row's range is refused at its key, one just inside is not.
TEST(KeyTableTest, TheParserKeepsTheRangesOfTheTable) {
  for (const KeyRow& row : key_table()) {
    const bool integer = (row.types & kTypeInteger) != 0;
    if ((row.types & (kTypeInteger | kTypeNumber)) == 0 || row.section == KeySection::kParameter) {
      continue;
    }
    KeyRow changed = row;
    const auto refused = [&](double value) {
      const std::string number =
          integer ? std::to_string(static_cast<std::int64_t>(value)) : to_json(Value(value));
      std::string example(row.example);
      const std::size_t at = example.find(std::string(row.key) + ": ") + row.key.size() + 2;
      example.replace(at, example.find_first_of(",}", at) - at, number);
      changed.example = example;
      const Parsed parsed = parse(file_with_example(changed));
      return std::any_of(parsed.diagnostics.begin(), parsed.diagnostics.end(),
                         [](const Diagnostic& d) { return d.code == "S013"; });
    };
    if (std::isfinite(row.range.min)) {
      EXPECT_TRUE(refused(row.range.above_min && !integer ? row.range.min : row.range.min - 1))
          << id(row);
      EXPECT_FALSE(refused(row.range.above_min ? inside(row.range) : row.range.min)) << id(row);
    }
    if (std::isfinite(row.range.max)) {
      EXPECT_TRUE(refused(row.range.below_max ? row.range.max : row.range.max + 1)) << id(row);
      EXPECT_FALSE(refused(row.range.below_max ? inside(row.range) : row.range.max)) << id(row);
    }
  }
}

}  // namespace
}  // namespace scopa::spec
