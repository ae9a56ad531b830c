#include "sdk/base/utf8.h"

#include <gtest/gtest.h>

namespace scopa {
namespace {

TEST(Utf8Test, WhatEverybodyReadsIsUtf8) {
  for (const char* text : {"", "loss", "\xc3\xa4", "\xe2\x82\xac", "\xed\x9f\xbf",
                           "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(is_utf8(text)) << text;
    EXPECT_EQ(as_utf8(text), text);
  }
}

TEST(Utf8Test, WhatAStrictReaderRefusesIsNone) {
  for (const char* text : {"\xff\xfess", "\xc3", "\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80",
                           "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80"}) {
    EXPECT_FALSE(is_utf8(text));
    EXPECT_TRUE(is_utf8(as_utf8(text)));
  }
  EXPECT_EQ(as_utf8("a\xff"
                    "b\xc3\xa4\xe2\x82"),
            "a?b\xc3\xa4??");
}

}  // namespace
}  // namespace scopa
