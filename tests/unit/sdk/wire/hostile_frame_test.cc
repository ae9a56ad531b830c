#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "samples.h"
#include "sdk/base/limits.h"
#include "sdk/wire/codec.h"

namespace scopa::wire {
namespace {

using ::testing::HasSubstr;

TEST(HostileFrameTest, TextThatIsNotUtf8IsRefusedAndNeverSent) {
  std::string frame = encode(Create{.token = "token", .spec = "spec"});
  frame.replace(frame.rfind("spec"), 4, "\xff\xfess");
  const auto read = decode(frame);
  ASSERT_FALSE(read);
  EXPECT_NE(read.status().message().find("`spec` must be UTF-8"), std::string::npos)
      << read.status().message();
  const auto sent = decode(encode(Create{.token = "token", .spec = "\xff\xfess"}));
  ASSERT_TRUE(sent) << sent.status().to_string();
  EXPECT_EQ(std::get<Create>(*sent).spec, "??ss");
}

TEST(HostileFrameTest, TheRequestOfAFrameThatIsRefusedIsFoundWhereItCanBe) {
  std::string frame = encode(Create{.request = 7, .token = "token", .spec = "spec"});
  EXPECT_EQ(request_in(frame), 7U);
  frame.replace(frame.rfind("spec"), 4, "\xff\xfess");
  EXPECT_EQ(request_in(frame), 7U);
  EXPECT_EQ(request_in(frame.substr(0, frame.size() - 1)), 0U);
  EXPECT_EQ(request_in(""), 0U);
  EXPECT_EQ(request_in(encode(Ack{})), 0U);
}

TEST(HostileFrameTest, TruncatedFramesAreRefused) {
  for (const Message& message : every_message()) {
    const std::string frame = encode(message);
    for (std::size_t size = 0; size < frame.size(); ++size) {
      const auto back = decode(frame.substr(0, size));
      ASSERT_FALSE(back) << type_of(message) << " cut to " << size;
      EXPECT_EQ(back.status().code(), Code::kInvalidArgument);
    }
  }
}

TEST(HostileFrameTest, BytesBehindAMessageAreRefused) {
  const auto back = decode(encode(Ack{}) + "x");
  ASSERT_FALSE(back);
  EXPECT_THAT(back.status().message(), HasSubstr("1 bytes follow"));
}

TEST(HostileFrameTest, MutatedFramesAreReadOrRefused) {
  std::mt19937_64 random(20240101);
  std::size_t refused = 0;
  for (const Message& message : every_message()) {
    const std::string frame = encode(message);
    for (int i = 0; i < 500; ++i) {
      std::string bytes = frame;
      for (std::uint64_t n = random() % 4 + 1; n > 0; --n) {
        bytes[random() % bytes.size()] = static_cast<char>(random());
      }
      const auto back = decode(bytes);
      if (back) continue;
      ++refused;
      EXPECT_FALSE(back.status().message().empty());
    }
  }
  EXPECT_GT(refused, 1000u);
}

TEST(HostileFrameTest, RandomBytesAreRefused) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes(random() % 64, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    EXPECT_FALSE(decode(bytes));
  }
}

TEST(HostileFrameTest, FiveBytesCannotAnnounceTwoBillionElements) {
  for (const char head : {'\xdd', '\xdf', '\xdb', '\xc6', '\xc9'}) {  // array, map, str, bin, ext
    const std::string frame = std::string(1, head) + std::string("\x7f\xff\xff\xff", 4);
    const auto back = decode(frame);
    ASSERT_FALSE(back);
    EXPECT_EQ(back.status().code(), Code::kInvalidArgument);
  }
}

TEST(HostileFrameTest, ListsInsideAFieldAreBoundByTheFrame) {
  const std::string frame = "\x82\xa4type\xa9heartbeat\xa7running\xdd\x7f\xff\xff\xff";
  const auto back = decode(frame);
  ASSERT_FALSE(back);
  EXPECT_THAT(back.status().message(), HasSubstr("more elements than it can hold"));
}

TEST(HostileFrameTest, DeepNestingIsRefused) {
  const std::string frame = "\x81\xa4type" + std::string(100'000, '\x91') + '\xc0';
  EXPECT_FALSE(decode(frame));
}

TEST(HostileFrameTest, FramesAboveTheLimitAreRefused) {
  const auto back = decode(std::string(limits::kFrameBytesMax + 1, '\x80'));
  ASSERT_FALSE(back);
  EXPECT_THAT(back.status().message(), HasSubstr("above the limit"));
}

TEST(HostileFrameTest, ExtensionTypesAreRefused) {
  EXPECT_FALSE(decode(std::string("\x81\xa4type\xd4\x01\x00", 9)));
}

}  // namespace
}  // namespace scopa::wire
