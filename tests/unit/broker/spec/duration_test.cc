#include "broker/spec/duration.h"

#include <gtest/gtest.h>

namespace scopa::spec {
namespace {

using namespace std::chrono_literals;

bool is(std::string_view text, std::chrono::microseconds want) {
  const auto got = parse_duration(text);
  return got && *got == want;
}

TEST(DurationTest, UnitsAreDaysHoursMinutesAndSeconds) {
  EXPECT_TRUE(is("90s", 90s));
  EXPECT_TRUE(is("30m", 30min));
  EXPECT_TRUE(is("1.5h", 90min));
  EXPECT_TRUE(is("2d", 48h));
  EXPECT_TRUE(is("1h30m", 90min));
  EXPECT_TRUE(is("1d2h3m4.5s", 24h + 2h + 3min + 4500ms));
  EXPECT_TRUE(is(" 1 h 30 m ", 90min));
  EXPECT_TRUE(is("0.000001s", 1us));
  EXPECT_TRUE(is("3650d", kDurationMax));
}

TEST(DurationTest, AnythingElseIsRefusedWithARemedy) {
  for (const char* text : {"",        " ",          "h",
                           "1",       "1x",         "soon",
                           "-1h",     "+1h",        "1e3s",
                           "infs",    "nans",       "0x1s",
                           "1..5h",   ".5h",        "1.h",
                           "30m1h",   "1h1h",       "1h 30",
                           "1:30:00", "1h30",       "1hour",
                           "0s",      "0.0000001s", "3651d",
                           "1,5h",    "1h\n",       "99999999999999999999999999d"}) {
    const auto got = parse_duration(text);
    EXPECT_FALSE(got) << text;
    EXPECT_FALSE(got.status().message().empty()) << text;
    EXPECT_FALSE(got.status().help().empty()) << text;
  }
  EXPECT_EQ(parse_duration("1:30:00").status().help(), "write `1h30m` for an hour and a half");
  EXPECT_EQ(parse_duration("1h30").status().help(),
            "the number `30` needs a unit: `s`, `m`, `h` or `d`");
}

TEST(DurationTest, ItsTextReadsBackTheSame) {
  for (const std::chrono::microseconds duration :
       {std::chrono::microseconds(1), 1000us, 90s + 0us, 3600s + 0us, 90min + 0us,
        86400s + 250000us, kDurationMax + 0us, 59s + 999999us}) {
    const std::string text = to_text(duration);
    EXPECT_TRUE(is(text, duration)) << text;
  }
  EXPECT_EQ(to_text(90min), "1h30m");
  EXPECT_EQ(to_text(250ms), "0.25s");
  EXPECT_EQ(to_text(0s), "0s");
}

}  // namespace
}  // namespace scopa::spec
