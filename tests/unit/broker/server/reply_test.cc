#include "broker/server/reply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sdk/base/limits.h"
#include "sdk/wire/codec.h"

namespace scopa::server {
namespace {

using testing::HasSubstr;

TEST(ReplyTest, AnAnswerThatFitsIsSentAsItIs) {
  const wire::Message message = wire::Done{.request = 7, .sweep = "s1"};
  std::string frame;
  encode_reply(message, &frame);
  EXPECT_EQ(frame, wire::encode(message));
}

TEST(ReplyTest, AnAnswerAboveTheLimitBecomesAnErrorToTheSameRequest) {
  wire::SweepReply reply;
  reply.request = 7;
  std::string frame;
  for (const std::size_t bytes : {limits::kFrameBytesMax - 2000, limits::kFrameBytesMax}) {
    reply.spec = std::string(bytes, 'x');
    encode_reply(reply, &frame);
    EXPECT_LE(frame.size(), limits::kFrameBytesMax);
  }
  const auto answer = wire::decode(frame);
  ASSERT_TRUE(answer) << answer.status().to_string();
  const auto* error = std::get_if<wire::Error>(&*answer);
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->request, 7u);
  EXPECT_EQ(error->code, static_cast<std::int32_t>(Code::kResource));
  EXPECT_THAT(error->message, HasSubstr("`sweep`"));
}

}  // namespace
}  // namespace scopa::server
