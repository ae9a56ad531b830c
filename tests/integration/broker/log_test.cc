#include "broker/core/explain.h"
#include "broker/core/replay.h"
#include "broker/store/log_item.h"
#include "broker_fixture.h"

namespace scopa::server {
namespace {

using Ask = std::function<Result<wire::Message>(const wire::Message&)>;

constexpr char kPruned[] = R"(
name: test
method: bayes
run_cap: 12
seed: 7
metric: {name: loss, goal: minimize}
early_terminate: {type: asha, min_resource: 1, eta: 2}
initial: [{x: 0.5}]
parameters:
  x: {min: 0.0, max: 1.0}
  kind: {values: [a, b]}
)";

wire::LogReply page_of(const Ask& ask, const SweepId& sweep, const std::string& cursor) {
  wire::GetLog get;
  get.request = 1;
  get.sweep = sweep;
  get.cursor = cursor;
  const auto reply = ask(get);
  EXPECT_TRUE(reply) << reply.status().to_string();
  if (!reply) return {};
  EXPECT_TRUE(std::holds_alternative<wire::LogReply>(*reply)) << wire::type_of(*reply);
  const auto* page = std::get_if<wire::LogReply>(&*reply);
  return page != nullptr ? *page : wire::LogReply{};
}

/// Every page; `between` is called after each one.
std::vector<store::LogItem> log_of(const Ask& ask, const SweepId& sweep,
                                   const std::function<void()>& between = {}) {
  std::vector<store::LogItem> items;
  std::string cursor;
  do {
    const wire::LogReply page = page_of(ask, sweep, cursor);
    EXPECT_EQ(page.sweep, sweep);
    EXPECT_EQ(page.keys.size(), page.values.size());
    for (std::size_t i = 0; i < page.keys.size(); ++i) {
      auto item = store::decode_log_item(sweep, page.keys[i], page.values[i]);
      EXPECT_TRUE(item.is_ok()) << item.status().to_string();
      if (item) items.push_back(std::move(*item));
    }
    cursor = page.cursor;
    if (between) between();
  } while (!cursor.empty());
  return items;
}

Result<core::Replay::Outcome> replay_of(const SweepId& sweep, std::vector<store::LogItem> items) {
  core::Replay replay(sweep);
  for (auto& item : items) {
    std::visit([&](auto& each) { replay.add(std::move(each)); }, item);
  }
  return replay.run();
}

/// Plays a sweep to its end; trials are better or worse by what they are.
void play(HandWorker& worker, const SweepId& sweep, int trials) {
  for (int i = 0; i < trials; ++i) {
    const wire::Assign trial = worker.ask(sweep);
    ASSERT_FALSE(trial.sweep.empty());
    double x = 0;
    ASSERT_TRUE(as_number(*find_param(trial.params, "x"), &x));
    worker.send(HandWorker::report(trial, 0, {x, x * x, x / 2}));
    for (auto message = worker.next(); message; message = worker.next()) {
      if (std::holds_alternative<wire::Ack>(*message)) break;
    }
    wire::Release release;
    release.sweep = trial.sweep;
    release.trial = trial.trial;
    release.attempt = trial.attempt;
    release.to = 3;
    worker.send(release);
    for (auto message = worker.next(); message; message = worker.next()) {
      if (std::holds_alternative<wire::Released>(*message)) break;
    }
  }
}

class LogTest : public testing::Test {
 protected:
  LogTest() : broker(folder.path()), client(broker.client()), worker(broker.tcp(), "w1") {}
  Ask ask() {
    return [this](const wire::Message& message) { return client->request(message, kPatience); };
  }

  const TempFolder folder;
  RunningBroker broker;
  std::unique_ptr<session::Client> client;
  HandWorker worker;
};

constexpr char kAhead[] = R"(
name: test
method: bayes
run_cap: 300
seed: 7
metric: {name: loss, goal: minimize}
parameters:
  x: {min: 0.0, max: 1.0}
  kind: {values: [a, b]}
)";

TEST_F(LogTest, WhatWasComputedAheadReplays) {
  const SweepId sweep = create_sweep(*client, kAhead);
  HandWorker other(broker.tcp(), "w2");
  int trials = 0;
  for (; trials < 300 && (trials < 30 || broker.totals().ahead < 5); ++trials) {
    play(trials % 3 == 0 ? other : worker, sweep, 1);
  }
  EXPECT_GE(broker.totals().ahead, 5u);
  EXPECT_LE(broker.totals().ahead + broker.totals().overtaken, broker.totals().suggested);
  const auto outcome = replay_of(sweep, log_of(ask(), sweep));
  ASSERT_TRUE(outcome.is_ok()) << outcome.status().to_string();
  EXPECT_EQ(outcome->suggestions, static_cast<std::uint64_t>(trials));
  EXPECT_TRUE(outcome->agrees());
}

TEST_F(LogTest, TheLogThatABrokerServesReplaysAndExplainsEveryTrial) {
  const SweepId sweep = create_sweep(*client, kPruned);
  play(worker, sweep, 12);
  const auto items = log_of(ask(), sweep);
  const auto outcome = replay_of(sweep, items);
  ASSERT_TRUE(outcome.is_ok()) << outcome.status().to_string();
  EXPECT_EQ(outcome->suggestions, 11u);
  EXPECT_EQ(outcome->given, 1u);
  EXPECT_GE(outcome->stops, 1u);
  EXPECT_EQ(outcome->reports, 12u);
  for (const auto& each : outcome->mismatches) ADD_FAILURE() << core::to_text(each);
  core::Explain explain(sweep);
  for (auto item : items) std::visit([&](auto& each) { explain.add(std::move(each)); }, item);
  for (std::uint64_t trial = 0; trial < 12; ++trial) {
    const auto told = explain.run(trial);
    ASSERT_TRUE(told.is_ok()) << told.status().to_string();
    EXPECT_TRUE(told->agrees());
  }
  // The folder tells the same, beside the broker and without it.
  for (const bool alone : {false, true}) {
    if (alone) {
      EXPECT_TRUE(broker.stop().is_ok());
    }
    auto offline = Offline::open(folder.path(), store::OpenMode::kReadOnly);
    ASSERT_TRUE(offline) << offline.status().to_string();
    EXPECT_EQ(
        log_of([&](const auto& message) { return (*offline)->request(message); }, sweep).size(),
        items.size());
  }
}

TEST_F(LogTest, PagesAreOfOneMomentWhateverIsWrittenMeanwhile) {
  // A file so large that its event fills a page by itself.
  const SweepId sweep =
      create_sweep(*client, std::string(kPruned) + "# " + std::string(900'000, 'd') + "\n");
  const wire::Assign trial = worker.ask(sweep);
  ASSERT_EQ(trial.sweep, sweep);
  std::uint64_t sent = 0;
  // Reports of one attempt follow its events; each is nearly as large as can be.
  const auto report = [&] {
    const std::vector<double> values(4000, 0.5);
    worker.send(HandWorker::report(trial, sent, values));
    sent += values.size();
    for (auto message = worker.next(); message; message = worker.next()) {
      if (std::holds_alternative<wire::Ack>(*message)) break;
    }
  };
  for (int i = 0; i < 12; ++i) report();
  int pages = 0;
  std::vector<store::LogItem> items = log_of(ask(), sweep, [&] {
    ++pages;
    report();
    HandWorker other(broker.tcp(), "w" + std::to_string(pages + 1));
    (void)other.ask(sweep);
  });
  EXPECT_GE(pages, 2);
  std::size_t reports = 0;
  for (const auto& item : items) {
    reports += std::holds_alternative<core::PointsAppended>(item) ? 1 : 0;
  }
  EXPECT_EQ(reports, 12u);
  const auto outcome = replay_of(sweep, std::move(items));
  ASSERT_TRUE(outcome.is_ok()) << outcome.status().to_string();
  EXPECT_TRUE(outcome->agrees());
  EXPECT_EQ(outcome->trials, 1u);
}

TEST_F(LogTest, AForgedCursorGetsAnErrorOrOtherEntriesOfTheSameLog) {
  const SweepId sweep = create_sweep(*client, kPruned);
  play(worker, sweep, 3);
  const auto answer = [&](const std::string& cursor, const std::string& what) {
    wire::GetLog get;
    get.sweep = what;
    get.cursor = cursor;
    return client->request(get, kPatience);
  };
  const std::string bound(8, '\x7f');
  for (const std::string& cursor :
       {std::string("x"), bound, bound + "x", bound + std::string(16, 'x'), std::string(5000, 'x'),
        bound + "somebody" + std::string(8, '\0'), bound + sweep, bound + sweep + "1234567"}) {
    const auto reply = answer(cursor, sweep);
    const auto* error = reply ? std::get_if<wire::Error>(&*reply) : nullptr;
    const Code code = error != nullptr ? error->status().code() : reply.status().code();
    EXPECT_EQ(code, Code::kInvalidArgument) << cursor.size();
  }
  const auto none = answer("", "none");
  EXPECT_TRUE(!none || std::holds_alternative<wire::Error>(*none));
  for (const std::string& place : {std::string(8, '\0'), std::string(8, '\xff'),
                                   std::string(20, '\0'), std::string(20, '\xff')}) {
    const auto reply = answer(bound + sweep + place, sweep);
    ASSERT_TRUE(reply) << reply.status().to_string();
    ASSERT_TRUE(std::holds_alternative<wire::LogReply>(*reply));
    for (const std::string& key : std::get<wire::LogReply>(*reply).keys) {
      EXPECT_TRUE(key.starts_with(sweep));
    }
  }
  // And the broker goes on.
  EXPECT_FALSE(log_of(ask(), sweep).empty());
}

TEST_F(LogTest, WhoeverAsksForManyPagesGetsThemAllAndHoldsUpNobody) {
  const SweepId sweep = create_sweep(*client, kPruned);
  Peer reader(broker.tcp());
  wire::Hello hello;
  hello.role = "client";
  (void)reader.exchange<wire::Welcome>(hello);
  constexpr std::uint64_t kMany = 3 * limits::kRoundLogPagesMax + 1;
  for (std::uint64_t request = 1; request <= kMany; ++request) {
    wire::GetLog get;
    get.request = request;
    get.sweep = sweep;
    reader.send(get);
  }
  play(worker, sweep, 2);
  for (std::uint64_t request = 1; request <= kMany; ++request) {
    EXPECT_EQ(reader.expect<wire::LogReply>().request, request);
  }
}

}  // namespace
}  // namespace scopa::server
