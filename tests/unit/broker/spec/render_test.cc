#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/broker/spec/spec_testing.h"

namespace scopa::spec {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(RenderTest, AFaultIsShownInItsLineWithLabelAndHelp) {
  const std::string text =
      "method: random\n"
      "parameters:\n"
      "  lr:\n"
      "    distribution: log_uniform_values\n"
      "    min: 0\n"
      "    max: 0.1\n";
  EXPECT_EQ(render_all(parse(text), text),
            "error[S012]: log_uniform_values needs min > 0\n"
            "  --> sweep.yaml:5:10\n"
            " 5 |     min: 0\n"
            "   |          ^ zero has no logarithm\n"
            "help: set `min: 1e-6`, or use `distribution: uniform`\n");
}

TEST(RenderTest, LineNumbersOfAnyLengthLineUp) {
  std::string text = "method: random\nparameters: {a: {value: 1}}\n";
  for (int i = 0; i < 120; ++i) text += "# comment\n";
  text += "run_cpa: 3\n";
  EXPECT_EQ(render_all(parse(text), text),
            "error[S007]: unknown key `run_cpa`\n"
            "    --> sweep.yaml:123:1\n"
            " 123 | run_cpa: 3\n"
            "     | ^\n"
            "help: did you mean `run_cap`?\n");
}

TEST(RenderTest, CharactersBeforeTheCaretCountOnceHoweverManyBytesTheyHave) {
  const std::string text = "method: random\nparameters: {a: {value: 'äöü', min: 3}}\n";
  const Parsed parsed = parse(text);
  EXPECT_EQ(parsed.diagnostics.at(0).column, 32);
  EXPECT_THAT(render_all(parsed, text), HasSubstr(" 2 | parameters: {a: {value: 'äöü', min: 3}}\n"
                                                  "   |                                ^\n"));
}

TEST(RenderTest, ALongLineIsCutAroundTheCaret) {
  std::string text = "{\"method\": \"random\", \"parameters\": {";
  for (int i = 0; i < 900; ++i) text += "\"p" + std::to_string(i) + "\": {\"value\": 1}, ";
  text += "\"bad\": {\"valeu\": 1}, \"z\": {\"value\": 1}}}";
  const std::string shown = render_all(parse(text), text);
  EXPECT_LT(shown.size(), 400u);
  EXPECT_THAT(shown, HasSubstr("\"bad\": {\"valeu\": 1}"));
  EXPECT_THAT(shown, HasSubstr("did you mean `value`?"));
  // The caret stands below the first quote of the key.
  const std::size_t line = shown.find(" 1 | ") + 5;
  const std::size_t caret = shown.find("   | ") + 5;
  EXPECT_EQ(shown.find("\"valeu\"") - line, shown.find('^') - caret);
}

TEST(RenderTest, AFindingWithoutAPlaceHasNoExcerpt) {
  EXPECT_EQ(render_all(parse(""), ""),
            "error[S005]: the file is empty\n"
            "  --> sweep.yaml\n"
            "help: a sweep file needs at least `method` and `parameters`\n");
}

TEST(RenderTest, ControlCharactersOfTheFileNeverReachTheTerminal) {
  const std::string text = "method: random\nparameters: {a: {\"\\e[31m\\u202e\": 1}}\n\x1b[2J";
  EXPECT_THAT(render_all(parse(text), text), Not(HasSubstr("\x1b")));
  const std::string escaped = "method: random\nparameters: {a: {\"\\e[31m\": 1}}\n";
  EXPECT_THAT(render_all(parse(escaped), escaped), Not(HasSubstr("\x1b")));
}

TEST(RenderTest, ColourIsOnlyThereWhenAsked) {
  const std::string text = "method: rnadom\nparameters: {a: {value: 1}}\n";
  const Parsed parsed = parse(text);
  EXPECT_THAT(render(parsed.diagnostics.at(0), "f", text, true),
              HasSubstr("\x1b[1;31merror[S010]"));
  EXPECT_THAT(render(parsed.diagnostics.at(0), "f", text, false), Not(HasSubstr("\x1b")));
}

TEST(RenderTest, APlaceBeyondTheTextIsNoDanger) {
  Diagnostic d;
  d.code = "S003";
  d.line = 99;
  d.column = 4000;
  EXPECT_THAT(render(d, "f", "short", false), HasSubstr("f:99:4000"));
}

}  // namespace
}  // namespace scopa::spec
