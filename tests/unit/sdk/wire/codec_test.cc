#include "sdk/wire/codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <msgpack.hpp>
#include <set>

#include "samples.h"
#include "sdk/base/limits.h"

namespace scopa::wire {
namespace {

using ::testing::HasSubstr;

using Packer = msgpack::packer<msgpack::sbuffer>;

/// A frame as a client in another language might pack it.
template <class Fill>
std::string packed(std::uint32_t pairs, Fill fill) {
  msgpack::sbuffer buffer;
  Packer packer(buffer);
  packer.pack_map(pairs);
  fill(packer);
  return {buffer.data(), buffer.size()};
}

std::string error_of(const std::string& frame, Code code = Code::kInvalidArgument) {
  const auto message = decode(frame);
  EXPECT_FALSE(message);
  EXPECT_EQ(message.status().code(), code);
  return message.status().message();
}

TEST(CodecTest, EveryMessageComesBackAsItWas) {
  for (const Message& message : every_message()) {
    const auto back = decode(encode(message));
    ASSERT_TRUE(back) << type_of(message) << ": " << back.status().to_string();
    EXPECT_EQ(*back, message) << type_of(message);
  }
}

TEST(CodecTest, TypeNamesAreDistinct) {
  std::set<std::string_view> names;
  for (const Message& message : every_message()) {
    EXPECT_TRUE(names.insert(type_of(message)).second) << type_of(message);
  }
}

TEST(CodecTest, IntegersAndRealsStayWhatTheyWere) {
  Assign assign;
  assign.params = {{"i", std::int64_t{1}}, {"r", 1.0}, {"text", "1"}, {"json", Composite{"{}"}}};
  const auto back = decode(encode(assign));
  ASSERT_TRUE(back);
  EXPECT_EQ(std::get<Assign>(*back).params, assign.params);
}

TEST(CodecTest, ParamsMayAlsoBeAMapInItsOwnOrder) {
  const auto message = decode(packed(2, [](Packer& p) {
    p.pack("type").pack("enqueue").pack("params").pack_map(2);
    p.pack("b").pack(2).pack("a").pack(0.5f);
  }));
  ASSERT_TRUE(message) << message.status().to_string();
  EXPECT_EQ(std::get<Enqueue>(*message).params, (Params{{"b", std::int64_t{2}}, {"a", 0.5}}));
}

TEST(CodecTest, UnknownFieldsAreIgnoredAndMissingOnesKeepTheirDefaults) {
  const auto message = decode(packed(3, [](Packer& p) {
    p.pack("future").pack_array(2).pack(1).pack_map(0);
    p.pack("to").pack(7);
    p.pack("type").pack("ack");
  }));
  ASSERT_TRUE(message) << message.status().to_string();
  EXPECT_EQ(*message, Message(Ack{.sweep = {}, .trial = 0, .attempt = 0, .to = 7}));
}

TEST(CodecTest, EncodeIntoReusesItsRoom) {
  std::string frame = "leftover";
  const Ack ack{.sweep = "abcdefgh", .trial = 1, .attempt = 2, .to = 5};
  encode_into(ack, &frame);
  EXPECT_EQ(frame, encode(ack));
}

TEST(CodecTest, AckHasTheBytesThatTheProtocolDocumentShows) {
  const std::string frame = encode(Ack{.sweep = "k3v9q2ha", .trial = 17, .attempt = 1, .to = 300});
  EXPECT_EQ(frame,
            "\x85\xa4type\xa3"
            "ack\xa5sweep\xa8k3v9q2ha\xa5trial\x11\xa7"
            "attempt\x01\xa2to\xcd\x01\x2c");
}

TEST(CodecTest, ErrorsNameTheField) {
  const auto with_to = [](auto fill) {
    return packed(2, [&](Packer& p) {
      p.pack("type").pack("report").pack("to");
      fill(p);
    });
  };
  EXPECT_EQ(error_of(with_to([](Packer& p) { p.pack("7"); })),
            "report: field `to` must be an unsigned integer");
  EXPECT_EQ(error_of(with_to([](Packer& p) { p.pack(-1); })),
            "report: field `to` must be an unsigned integer");
  EXPECT_EQ(error_of(with_to([](Packer& p) { p.pack_nil(); })),
            "report: field `to` must be an unsigned integer");
}

TEST(CodecTest, ErrorsNameTheFieldInsideAList) {
  const std::string frame = packed(2, [](Packer& p) {
    p.pack("type").pack("heartbeat").pack("running").pack_array(2);
    p.pack_map(0);
    p.pack_map(1).pack("trial").pack(true);
  });
  EXPECT_EQ(error_of(frame), "heartbeat: field `running[1].trial` must be an unsigned integer");
}

TEST(CodecTest, NumbersOutOfRangeAreRefused) {
  EXPECT_EQ(
      error_of(packed(2, [](Packer& p) { p.pack("type").pack("stop").pack("reason").pack(256); })),
      "stop: field `reason` must be at most 255");
  EXPECT_EQ(error_of(packed(
                2, [](Packer& p) { p.pack("type").pack("hello").pack("pid").pack(UINT64_MAX); })),
            "hello: field `pid` must be at most 9223372036854775807");
  EXPECT_THAT(
      error_of(packed(
          2, [](Packer& p) { p.pack("type").pack("release").pack("exit_code").pack(INT64_MIN); })),
      HasSubstr("release: field `exit_code` must be from -2147483648"));
}

TEST(CodecTest, LongNamesAreRefused) {
  EXPECT_EQ(error_of(packed(2,
                            [](Packer& p) {
                              p.pack("type").pack("ask").pack("sweep");
                              p.pack(std::string(limits::kNameBytesMax + 1, 'x'));
                            })),
            "ask: field `sweep` must be at most 256 bytes long");
}

TEST(CodecTest, UnknownTypesAreUnsupported) {
  const std::string frame = packed(1, [](Packer& p) { p.pack("type").pack("hel\x1b[31mlo"); });
  const std::string error = error_of(frame, Code::kUnsupported);
  EXPECT_THAT(error, HasSubstr("unknown message type"));
  EXPECT_EQ(error.find('\x1b'), std::string::npos);
}

TEST(CodecTest, AMessageNeedsAType) {
  EXPECT_THAT(error_of(packed(0, [](Packer&) {})), HasSubstr("`type`"));
  EXPECT_THAT(error_of(packed(1, [](Packer& p) { p.pack("type").pack(3); })), HasSubstr("`type`"));
}

}  // namespace
}  // namespace scopa::wire
