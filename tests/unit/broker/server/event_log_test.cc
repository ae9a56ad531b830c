#include "broker/server/event_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

namespace scopa::server {
namespace {

const std::string kEvil = "a\" state=\"ok\"\n[2026-01-01 00:00:00.000] [error] forged";

std::string logged(const std::vector<core::Event>& events) {
  std::ostringstream text;
  const auto before = spdlog::default_logger();
  spdlog::set_default_logger(std::make_shared<spdlog::logger>(
      "captured", std::make_shared<spdlog::sinks::ostream_sink_mt>(text)));
  log_events(events);
  spdlog::set_default_logger(before);
  return text.str();
}

TEST(EventLogTest, NoTextOfOthersEndsItsFieldOrItsLine) {
  std::vector<core::EventBody> bodies = {
      core::SweepCreated{.name = kEvil},
      core::SweepStateChanged{.reason = kEvil},
      core::TrialCreated{.params = {{kEvil, kEvil}}},
      core::AttemptStarted{.worker = kEvil, .host = kEvil, .device = kEvil},
      core::StopDecided{.message = kEvil},
      core::AttemptEnded{.reason = kEvil},
      core::TrialStateChanged{.reason = kEvil},
      core::Noticed{.text = kEvil},
      core::AttemptHeld{.worker = kEvil, .host = kEvil, .device = kEvil},
      core::CheckpointSaved{.path = kEvil},
      core::WorkerQuarantined{.worker = kEvil, .host = kEvil, .reason = kEvil},
  };
  std::vector<core::Event> events;
  for (core::EventBody& body : bodies) {
    events.push_back({.seq = 1, .at_us = 1, .sweep = "aaaaaaaa", .body = std::move(body)});
  }
  const std::string text = logged(events);
  EXPECT_EQ(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')), events.size())
      << text;
  EXPECT_THAT(text, testing::Not(testing::HasSubstr(" state=\"ok\"")));
  EXPECT_THAT(text, testing::HasSubstr(R"(device="a\" state=\"ok\"\n[2026)"));
}

}  // namespace
}  // namespace scopa::server
