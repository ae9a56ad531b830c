#include "sdk/base/value.h"

#include <gtest/gtest.h>

#include <cmath>

namespace scopa {
namespace {

TEST(ValueTest, RealsKeepTheirPointAndReadBackTheSame) {
  EXPECT_EQ(to_json(Value(1.0)), "1.0");
  EXPECT_EQ(to_json(Value(0.1)), "0.1");
  EXPECT_EQ(to_json(Value(1e-5)), "1.0e-05");
  EXPECT_EQ(to_text(Value(0.0005)), "0.0005");
  EXPECT_EQ(std::get<double>(parse_value(to_json(Value(1.0 / 3)))), 1.0 / 3);
}

TEST(ValueTest, TextIsQuotedAsJsonOnly) {
  EXPECT_EQ(to_json(Value(std::string("a\"b"))), "\"a\\\"b\"");
  EXPECT_EQ(to_text(Value(std::string("a\"b"))), "a\"b");
}

TEST(ValueTest, NonFiniteNumbersStayValidJson) {
  EXPECT_EQ(to_json(Value(std::nan(""))), "\"nan\"");
  EXPECT_EQ(to_json(Value(-INFINITY)), "\"-inf\"");
}

TEST(ValueTest, OneConfigurationHasOneCanonicalTextHoweverItIsSpelled) {
  const Params a = {{"lr", 1.0}, {"b", std::int64_t{2}}};
  const Params b = {{"b", 2.0}, {"lr", std::int64_t{1}}};
  EXPECT_EQ(canonical_text(a), canonical_text(b));
  EXPECT_EQ(canonical_text(a), "{\"b\":2,\"lr\":1}");
}

TEST(ValueTest, TextAndNumberAreDifferentConfigurations) {
  EXPECT_NE(canonical_text({{"a", std::string("1")}}), canonical_text({{"a", std::int64_t{1}}}));
  EXPECT_NE(canonical_text({{"a", true}}), canonical_text({{"a", std::int64_t{1}}}));
}

// Texts of earlier versions are compared with today's.
TEST(ValueTest, TheCanonicalTextKeepsItsSpelling) {
  EXPECT_EQ(canonical_text({{"a", 1e-5}, {"b", 5e-4}, {"c", Composite{"[5e-04,1.0]"}}}),
            R"({"a":1e-05,"b":5e-04,"c":[0.0005,1]})");
  EXPECT_EQ(canonical_text({{"a", 9007199254740994.0}, {"b", std::nan("")}}),
            R"({"a":9007199254740994.0,"b":"nan"})");
}

TEST(ValueTest, WhatIsNoJsonIsText) {
  EXPECT_EQ(parse_value("adam"), Value(std::string("adam")));
  EXPECT_EQ(parse_value("1e-3"), Value(1e-3));
  EXPECT_EQ(parse_value("16"), Value(std::int64_t{16}));
  EXPECT_EQ(parse_value("[1, 2]"), Value(Composite{"[1,2]"}));
  EXPECT_EQ(parse_value("[1e-5, 5e-4]"), Value(Composite{"[1.0e-05,0.0005]"}));
}

}  // namespace
}  // namespace scopa
