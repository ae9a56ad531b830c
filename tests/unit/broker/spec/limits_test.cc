#include "sdk/base/limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/unit/broker/spec/spec_testing.h"

namespace scopa::spec {
namespace {

using testing::Contains;
using testing::ElementsAre;

std::string repeated(std::string_view piece, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += piece;
  return text;
}

TEST(LimitsTest, AFileAboveTheLimitIsRefusedUnread) {
  const std::string text = "method: random\nparameters: {a: {value: 1}}\n#";
  const std::size_t rest = limits::kSpecBytesMax - text.size();
  EXPECT_TRUE(parse(text + repeated(" ", rest)).ok());
  EXPECT_THAT(codes(parse(text + repeated(" ", rest + 1))), ElementsAre("S001 "));
}

TEST(LimitsTest, BytesThatAreNoTextAreRefusedWithTheirPlace) {
  EXPECT_THAT(brief(parse("method: random\nname: \xff\n")), ElementsAre("S002  2:7"));
  EXPECT_THAT(brief(parse(std::string_view("name: \0x", 8))), ElementsAre("S002  1:7"));
  EXPECT_THAT(codes(parse("\xFF\xFE"
                          "m\0e\0")),
              ElementsAre("S002 "));
}

TEST(LimitsTest, DepthIsBounded) {
  for (const char* opener : {"[", "{", "- ", "? ", ": ", "{a: "}) {
    EXPECT_THAT(codes(parse(repeated(opener, 100'000))), ElementsAre("S004 ")) << opener;
  }
}

TEST(LimitsTest, AliasesThatExpandToBillionsStopEarly) {
  std::string text = "a: &a [x, x, x, x, x, x, x, x, x]\n";
  for (char c = 'b'; c < 'k'; ++c) {
    const std::string before = std::string("*") + static_cast<char>(c - 1);
    text += std::string(1, c) + ": &" + c + " [" + repeated(before + ", ", 8) + before + "]\n";
  }
  EXPECT_THAT(codes(parse(text)), ElementsAre("S004 "));
}

TEST(LimitsTest, AnAliasInsideItsOwnAnchorIsRefused) {
  EXPECT_THAT(codes(parse("a: &a [*a]\n")), ElementsAre("S030 "));
  EXPECT_THAT(codes(parse("&a\n<<: *a\n")), ElementsAre("S030 "));
}

TEST(LimitsTest, ParametersCategoriesAndNamesAreCounted) {
  std::string text = "method: random\nparameters:\n";
  for (std::size_t i = 0; i < limits::kParametersMax; ++i) {
    text += "  p" + std::to_string(i) + ": {value: 1}\n";
  }
  EXPECT_TRUE(parse(text).ok());
  EXPECT_THAT(codes(parse(text + "  more: {value: 1}\n  evenmore: {value: 1}\n")),
              ElementsAre("S027 parameters.more"));

  const std::string list = repeated("1,", limits::kCategoriesMax);
  EXPECT_TRUE(parse_one("{values: [" + list + "]}").ok());
  EXPECT_THAT(codes(parse_one("{values: [" + list + "1]}")),
              ElementsAre("S027 parameters.a.values"));

  const std::string name = repeated("n", limits::kNameBytesMax);
  EXPECT_TRUE(parse("method: random\nparameters: {" + name + ": {value: 1}}\n").ok());
  EXPECT_EQ(codes(parse("method: random\nparameters: {" + name + "n: {value: 1}}\n")).size(), 1u);
  EXPECT_THAT(codes(parse("method: random\nparameters: {a: {value: 1}}\nname: " + name + "n\n")),
              ElementsAre("S027 name"));
}

TEST(LimitsTest, FindingsAreBoundedAndTheRestIsCounted) {
  std::string text = "method: random\nparameters: {a: {value: 1}}\n";
  for (int i = 0; i < 500; ++i) text += "key" + std::to_string(i) + ": 1\n";
  const Parsed warned = parse(text);
  ASSERT_EQ(warned.diagnostics.size(), limits::kSpecFindingsMax + 1);
  EXPECT_EQ(warned.diagnostics.back().message, "and 300 more findings that are not shown");
  EXPECT_EQ(warned.diagnostics.back().severity, Severity::kWarning);
  EXPECT_TRUE(warned.ok());
  const Parsed parsed = parse(text + "run_cap: 0\n");
  ASSERT_EQ(parsed.diagnostics.size(), limits::kSpecFindingsMax + 1);
  EXPECT_EQ(parsed.diagnostics.back().message, "and 301 more findings that are not shown");
  EXPECT_FALSE(parsed.ok()) << "the error is among those that are not shown";
}

constexpr std::string_view kSeedText =
    "method: bayes\nmetric: {name: 'val/loss', goal: minimize, target: 1e-3}\n"
    "parameters:\n  lr: &r {distribution: log_uniform_values, min: 1e-5, max: .1}\n"
    "  opt: {values: [adam, \"sgd\", null, 3.5, [1, {x: y}]]}\n"
    "  g:\n    when: {opt: sgd}\n    parameters:\n      m: {min: 0.0, max: 1}\n      <<: {z: *r}\n"
    "early_terminate: {type: hyperband, max_iter: 27, s: 2, eta: 3, strict: true}\n"
    "command:\n- ${program}\n- |\n  text\n- >-\n  folded\n- ${envvar:HOME}\nrun_cap: 30\n";

// Whatever the bytes, there is an answer, and every error of it can be shown.
void expect_an_answer(const std::string& text) {
  const Parsed parsed = parse(text);
  for (const Diagnostic& d : parsed.diagnostics) {
    EXPECT_FALSE(d.message.empty());
    EXPECT_FALSE(render(d, "sweep.yaml", text, false).empty());
    EXPECT_EQ(d.message.find('\n'), std::string::npos);
  }
  if (parsed.ok()) {
    EXPECT_FALSE(parsed.spec.parameters.empty());
  }
}

TEST(LimitsTest, NoMutationOfASweepFileCrashesTheReader) {
  const unsigned seed = 20240607;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  constexpr std::string_view kAlphabet = "{}[]:,-?&*!|>'\"%@`#<=~ \n\t\\0129.eE+xuU\xC3\xA4";
  const std::vector<std::string> words = {"<<: *r", "&r ",   "*r",    "!!str ",
                                          "!x ",    "---\n", "...\n", "\n  ",
                                          "? ",     ": ",    "- ",    "when: {opt: sgd}"};
  EXPECT_TRUE(parse(kSeedText).ok());
  for (int round = 0; round < 6000; ++round) {
    std::string text(kSeedText);
    for (std::size_t edits = 1 + below(6); edits > 0; --edits) {
      const std::size_t at = below(text.size() + 1);
      switch (below(5)) {
        case 0:
          text.insert(at, 1, kAlphabet[below(kAlphabet.size())]);
          break;
        case 1:
          text.erase(at, 1 + below(12));
          break;
        case 2:
          text.insert(at, words[below(words.size())]);
          break;
        case 3:
          text.insert(at, text.substr(below(text.size() + 1), below(60)));
          break;
        default:
          text.resize(at);
      }
    }
    expect_an_answer(text);
    ASSERT_FALSE(HasFailure()) << "round " << round << ":\n" << text;
  }
}

TEST(LimitsTest, NoBytesCrashTheReader) {
  const unsigned seed = 20240608;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  constexpr std::string_view kAlphabet = "{}[]:,-?&*!|>'\"%@`#<=~ \n\t\\ab01.e";
  for (int round = 0; round < 6000; ++round) {
    std::string text(random() % 200, '\0');
    for (char& c : text) {
      c = round % 4 == 0 ? static_cast<char>(random()) : kAlphabet[random() % kAlphabet.size()];
    }
    expect_an_answer(text);
    ASSERT_FALSE(HasFailure()) << "round " << round << ":\n" << text;
  }
}

}  // namespace
}  // namespace scopa::spec
