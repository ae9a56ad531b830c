#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "broker/core/event.h"
#include "sdk/base/limits.h"
#include "tests/unit/sdk/wire/document.h"
#include "tests/unit/sdk/wire/samples.h"

namespace scopa::core {
namespace {

using ::testing::HasSubstr;

template <std::size_t I = 0>
void append_bodies(std::vector<EventBody>* bodies) {
  if constexpr (I < std::variant_size_v<EventBody>) {
    std::variant_alternative_t<I, EventBody> body;
    wire::Filler filler;
    body.fields(body, filler);
    bodies->emplace_back(body);
    append_bodies<I + 1>(bodies);
  }
}

std::vector<Event> every_event() {
  std::vector<EventBody> bodies;
  append_bodies(&bodies);
  std::vector<Event> events;
  std::uint64_t seq = 0;
  for (EventBody& body : bodies) {
    events.push_back({.seq = ++seq, .at_us = -7, .sweep = "k3v9q2ha", .body = std::move(body)});
  }
  return events;
}

TEST(EventCodecTest, EveryEventComesBackAsItWas) {
  for (const Event& event : every_event()) {
    const auto back = decode_event(event.sweep, event.seq, encode_event(event));
    ASSERT_TRUE(back) << type_of(event.body) << ": " << back.status().to_string();
    EXPECT_EQ(*back, event) << type_of(event.body);
  }
}

TEST(EventCodecTest, EveryEventAndFieldIsDescribedInTheStorageDocument) {
  const std::string document = wire::read_document("storage.md");
  for (const Event& event : every_event()) {
    const std::string type(type_of(event.body));
    EXPECT_NE(document.find("`" + type + "`"), std::string::npos) << type << " is not described";
    std::visit(
        [&](const auto& body) {
          wire::FieldNames names(document, type);
          body.fields(body, names);
        },
        event.body);
  }
}

TEST(EventCodecTest, LongTextThatWasAcceptedIsNotRefusedLater) {
  Event event{.seq = 1, .at_us = 0, .sweep = "k3v9q2ha", .body = SweepCreated{}};
  std::get<SweepCreated>(event.body).name.assign(limits::kNameBytesMax * 4, 'n');
  EXPECT_TRUE(decode_event("k3v9q2ha", 1, encode_event(event)));
}

TEST(EventCodecTest, DamagedBytesAreCorruptionThatNamesTheEvent) {
  const std::string bytes = encode_event(every_event().front());
  const auto back = decode_event("k3v9q2ha", 42, bytes.substr(0, bytes.size() - 1));
  ASSERT_FALSE(back);
  EXPECT_EQ(back.status().code(), Code::kCorruption);
  EXPECT_THAT(back.status().message(), HasSubstr("event 42 of sweep `k3v9q2ha`"));
}

TEST(EventCodecTest, ACodeBeyondTheLastIsCorruption) {
  const auto why = [](EventBody body) {
    const Event event{.seq = 1, .at_us = 0, .sweep = "k3v9q2ha", .body = std::move(body)};
    const auto back = decode_event("k3v9q2ha", 1, encode_event(event));
    return back ? "it was read" : back.status().message();
  };
  EXPECT_THAT(why(SweepStateChanged{.state = 5}), HasSubstr("field `state` must be at most 4"));
  EXPECT_THAT(why(TrialCreated{.origin = 4}), HasSubstr("field `origin` must be at most 3"));
  EXPECT_THAT(why(StopDecided{.reason = 10}), HasSubstr("field `reason` must be at most 9"));
  EXPECT_THAT(why(AttemptEnded{.state = 101}), HasSubstr("field `state` must be at most 6"));
  EXPECT_THAT(why(AttemptEnded{.cause = 8}), HasSubstr("field `cause` must be at most 7"));
  EXPECT_THAT(why(TrialStateChanged{.state = 7}), HasSubstr("field `state` must be at most 6"));
  EXPECT_THAT(why(TrialStateChanged{.requeued = 2}),
              HasSubstr("field `requeued` must be at most 1"));
}

TEST(EventCodecTest, MutatedBytesAreReadOrCorruption) {
  std::mt19937_64 random(5);
  std::size_t refused = 0;
  for (const Event& event : every_event()) {
    const std::string good = encode_event(event);
    for (int i = 0; i < 500; ++i) {
      std::string bytes = good;
      bytes[random() % bytes.size()] = static_cast<char>(random());
      const auto back = decode_event("k3v9q2ha", 1, bytes);
      if (back) continue;
      ++refused;
      EXPECT_EQ(back.status().code(), Code::kCorruption);
    }
  }
  EXPECT_GT(refused, 100u);
}

}  // namespace
}  // namespace scopa::core
