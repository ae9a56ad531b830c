#include "cli/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace scopa::cli {
namespace {

using Align = Table::Align;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

Table sample_table() {
  Table table({{"id", Align::kRight, false, true},
               {"name", Align::kLeft, true, false},
               {"value", Align::kRight, false, false}});
  table.add({{"1", "", Style::kPlain},
             {"a long name that goes on", "", Style::kPlain},
             {"0.5", "0.5000001", Style::kBold}});
  table.add({{"12", "", Style::kPlain}, {"größe", "", Style::kPlain}, {"10", "", Style::kPlain}});
  return table;
}

TEST(TableTest, ColumnsAreAlignedByCharactersNotBytes) {
  const auto lines = lines_of(sample_table().for_people(80, false));
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0], "  id  name                      value");
  EXPECT_EQ(lines[1], "   1  a long name that goes on    0.5");
  EXPECT_EQ(lines[2], "  12  größe                        10");
}

TEST(TableTest, ShrinkableColumnsAreCutBeforeOthersAreLeftOut) {
  const std::string text = sample_table().for_people(25, false);
  for (const std::string& line : lines_of(text)) EXPECT_LE(display_width(line), 25u);
  EXPECT_THAT(text, HasSubstr("…"));
  EXPECT_THAT(text, HasSubstr("value"));
  EXPECT_THAT(text, Not(HasSubstr("more column")));
}

TEST(TableTest, NumbersAreNeverCutOnlyTheirTitles) {
  Table table(
      {{"id", Align::kRight, false, true}, {"a_very_long_parameter", Align::kRight, true, false}});
  table.add({{"1", "", Style::kPlain}, {"12345678901234", "", Style::kPlain}});
  EXPECT_EQ(table.for_people(20, false), "  id  a_very_long_p…\n   1  12345678901234\n");
}

TEST(TableTest, ColumnsThatDoNotFitAreLeftOutAndCounted) {
  Table table({{"id", Align::kRight, false, true},
               {"one", Align::kRight, false, false},
               {"two", Align::kRight, false, false}});
  table.add({{"123456789012", "", Style::kPlain},
             {"1234567890", "", Style::kPlain},
             {"1234567890", "", Style::kPlain}});
  const std::string text = table.for_people(20, false);
  EXPECT_THAT(text, Not(HasSubstr("two")));
  EXPECT_THAT(text, HasSubstr("2 more columns"));
}

TEST(TableTest, PipesGetTabsAndExactValues) {
  EXPECT_EQ(sample_table().for_pipes(),
            "id\tname\tvalue\n1\ta long name that goes on\t0.5000001\n12\tgröße\t10\n");
}

TEST(TableTest, TabsAndLineBreaksWithinCellsCannotForgeColumnsOrRows) {
  Table table({{"name", Align::kLeft, false, true}});
  table.add({{"a\tb\nc", "", Style::kPlain}});
  EXPECT_EQ(table.for_pipes(), "name\na b c\n");
  EXPECT_EQ(table.for_people(80, false), "  name\n  a b c\n");
}

TEST(TableTest, ColourDoesNotMoveColumns) {
  std::string colored = sample_table().for_people(80, true);
  EXPECT_THAT(colored, HasSubstr("\x1b[1m  0.5\x1b[0m"));
  const auto plain = lines_of(sample_table().for_people(80, false));
  const auto lines = lines_of(colored);
  for (std::size_t i = 0; i < plain.size(); ++i) {
    EXPECT_EQ(display_width(lines[i]), display_width(plain[i]));
  }
}

TEST(TableTest, WhatIsMissingIsAnEmptyFieldInAPipe) {
  Table table({{"a"}, {"b"}, {"c"}});
  table.add({{"-", Table::kNothing}, {"shown", ""}, {"-", Table::kNothing}});
  EXPECT_EQ(table.for_pipes(), "a\tb\tc\n\tshown\t\n");
  EXPECT_THAT(table.for_people(80, false), HasSubstr("-  shown  -"));
}

}  // namespace
}  // namespace scopa::cli
