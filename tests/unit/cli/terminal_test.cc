#include "cli/terminal.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace scopa::cli {
namespace {

TEST(TerminalTest, WidthCountsCharactersWithoutEscapes) {
  EXPECT_EQ(display_width("abc"), 3u);
  EXPECT_EQ(display_width("größe ▁█"), 8u);
  EXPECT_EQ(display_width("\x1b[1mbold\x1b[0m"), 4u);
}

TEST(TerminalTest, CuttingKeepsWholeCharactersAndClosesStyles) {
  EXPECT_EQ(cut_to_width("größer", 4), "grö…");
  EXPECT_EQ(cut_to_width("abc", 3), "abc");
  EXPECT_EQ(cut_to_width("abc", 0), "");
  EXPECT_EQ(cut_to_width("\x1b[1mabcdef\x1b[0m", 3), "\x1b[1mab…\x1b[0m");
}

TEST(TerminalTest, ColourIsWhatWasAskedFor) {
  setenv("NO_COLOR", "1", 1);
  EXPECT_TRUE(Terminal::detect("always").out_color);
  EXPECT_FALSE(Terminal::detect("auto").out_color);
  EXPECT_FALSE(Terminal::detect("never").err_color);
  unsetenv("NO_COLOR");
}

TEST(TerminalTest, ColumnsOfTheEnvironmentWinWhenTheyMakeSense) {
  setenv("COLUMNS", "123", 1);
  EXPECT_EQ(terminal_columns(), 123);
  setenv("COLUMNS", "-4", 1);
  EXPECT_NE(terminal_columns(), -4);
  unsetenv("COLUMNS");
}

}  // namespace
}  // namespace scopa::cli
