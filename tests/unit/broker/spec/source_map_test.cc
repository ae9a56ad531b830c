#include "broker/spec/source_map.h"

#include <gtest/gtest.h>

#include <string>

namespace scopa::spec {
namespace {

// Lines are counted from 1.
constexpr std::string_view kFile = R"(method: random
parameters:
  optimizer:
    parameters:
      lr: {min: 0.1, max: 1.0}
  optimizer.lr:
    values: [1, 2, 3]
  größe: {min: 1, max: 2}
metrics:
  - name: a
  - name: b
scopa:
  retries: 3
)";

std::string at(const Place& place) {
  return std::to_string(place.line) + ':' + std::to_string(place.column);
}
std::string key_at(std::string_view path) { return at(SourceMap(kFile).find(path)); }
std::string value_at(std::string_view path) { return at(SourceMap(kFile).find_value(path)); }

TEST(SourceMapTest, ANestedKeyIsFoundByTheDiagnosticsPath) {
  EXPECT_EQ(key_at("method"), "1:1");
  EXPECT_EQ(key_at("parameters.optimizer.parameters.lr"), "5:7");
  EXPECT_EQ(key_at("parameters.optimizer.parameters.lr.max"), "5:22");
  EXPECT_EQ(value_at("parameters.optimizer.parameters.lr.max"), "5:27");
}

TEST(SourceMapTest, AKeyWithDotsIsFoundBesideAGroupOfTheSameName) {
  EXPECT_EQ(key_at("parameters.optimizer.lr"), "6:3");
  EXPECT_EQ(key_at("parameters.optimizer.lr.values"), "7:5");
}

TEST(SourceMapTest, AnIndexLeadsToTheItem) {
  EXPECT_EQ(key_at("parameters.optimizer.lr.values[2]"), "7:20");
  EXPECT_EQ(key_at("metrics[1].name"), "11:5");
  EXPECT_EQ(value_at("metrics[1].name"), "11:11");
  EXPECT_EQ(key_at("metrics[1]"), "11:5");
}

TEST(SourceMapTest, TheLongestKnownPartStandsForWhatIsNotThere) {
  EXPECT_EQ(key_at("parameters.optimizer.parameters.lr.q"), "5:7");
  EXPECT_EQ(key_at("parameters.optimizer.parameters.l"), "4:5");
  EXPECT_EQ(key_at("metrics[7].name"), "9:1");
  EXPECT_EQ(key_at("metrics[x"), "9:1");
  EXPECT_EQ(key_at("metrics["), "9:1");
  EXPECT_EQ(key_at("early_terminate.type"), "0:0");
  EXPECT_EQ(key_at(""), "0:0");
}

TEST(SourceMapTest, TheOwnBlockIsSearchedForKeysThatAreNotAtTheTop) {
  EXPECT_EQ(key_at("retries"), "13:3");
  EXPECT_EQ(key_at("scopa.retries"), "13:3");
  EXPECT_TRUE(SourceMap(kFile).has("retries"));
  EXPECT_FALSE(SourceMap(kFile).has("retries.more"));
  EXPECT_FALSE(SourceMap(kFile).has("replicates"));
}

TEST(SourceMapTest, ColumnsCountCharacters) {
  EXPECT_EQ(key_at("parameters.größe.min"), "8:11");
  EXPECT_EQ(at(SourceMap("\xEF\xBB\xBFmethod: random\n").find("method")), "1:1");
}

TEST(SourceMapTest, ATextThatIsNoYamlHasNoPlaces) {
  EXPECT_EQ(at(SourceMap("a: [1").find("a")), "0:0");
  EXPECT_EQ(at(SourceMap("").find("a")), "0:0");
  EXPECT_EQ(at(SourceMap(std::string(2 << 20, 'a')).find("a")), "0:0");
}

TEST(SourceMapTest, ADiagnosticPointsAtTheKeyAndIsOneLine) {
  const SourceMap map(kFile);
  const Diagnostic d = map.diagnostic(Severity::kWarning, "L001", "retries", "a\nb", "c\nd");
  EXPECT_EQ(d.severity, Severity::kWarning);
  EXPECT_EQ(d.code, "L001");
  EXPECT_EQ(d.path, "retries");
  EXPECT_EQ(d.line, 13);
  EXPECT_EQ(d.column, 3);
  EXPECT_EQ(d.message, "a b");
  EXPECT_EQ(d.help, "c d");
}

}  // namespace
}  // namespace scopa::spec
