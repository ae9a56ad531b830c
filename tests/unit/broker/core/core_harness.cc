#include "tests/unit/broker/core/core_harness.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "tests/support/kept_log.h"

namespace scopa::core {

std::string block_of(const std::string& metric, std::int64_t step0,
                     const std::vector<double>& values) {
  PointBlock block;
  block.metrics = {metric};
  for (std::size_t i = 0; i < values.size(); ++i) {
    block.metric.push_back(0);
    block.step.push_back(step0 + static_cast<std::int64_t>(i));
    block.value.push_back(values[i]);
    block.time_us.push_back(1'000'000 + static_cast<std::int64_t>(i));
  }
  std::string bytes;
  wire::encode_points(block, &bytes);
  return bytes;
}

CoreHarness::CoreHarness() : core(std::make_unique<Core>(Options{.broker_id = "test"})) {
  send(kCli, wire::Hello{.role = "client"});
}

std::vector<wire::Message> CoreHarness::send(ClientId from, wire::Message message) {
  take_inbox(from);
  Turn turn;
  core->receive(from, std::move(message), now, &turn);
  settle(std::move(turn));
  return take_inbox(from);
}

void CoreHarness::settle(Turn turn) {
  while (true) {
    const bool is_removal = std::any_of(turn.events.begin(), turn.events.end(),
                                        [](const Event& event) { return removes(event.body); });
    for (Event& event : turn.events) events.push_back(std::move(event));
    for (PointsAppended& each : turn.points) points.push_back(std::move(each));
    if (is_removal) drop_removed(&events, &points);
    for (Outgoing& out : turn.outgoing) outbox_.push_back(std::move(out));
    std::vector<ModelTask> tasks = std::move(turn.model);
    const std::vector<SweepId> reread = std::move(turn.reread);
    turn.clear();
    turn.reread.clear();
    for (const SweepId& sweep : reread) {
      const Status read = reread_kept(*core, sweep, events, points, now, &turn);
      EXPECT_TRUE(read) << read.to_string();
    }
    turn.model.clear();
    bool answered = false;
    for (ModelTask& task : tasks) {
      const bool is_question = std::holds_alternative<ModelWanted>(task);
      if (!is_question || answer_model) {
        if (const auto suggested = perform(task)) {
          core->suggested(*suggested, now, &turn);
          answered = true;
        }
      }
      model_log.push_back(std::move(task));
    }
    if (!answered && !turn.must_commit() && turn.outgoing.empty() && turn.model.empty()) break;
  }
  think_ahead();
}

void CoreHarness::think_ahead() {
  while (const auto job = ahead_.next(now.time_since_epoch())) {
    ahead_.done(*job, models_.propose(job->sweep, job->suggestion), suggestion_takes);
  }
}

std::optional<Suggested> CoreHarness::perform(const ModelTask& task) {
  if (use_sampler) {
    std::optional<Suggested> suggested;
    const bool ahead = suggestion_takes.count() > 0;
    const auto* question = std::get_if<ModelWanted>(&task);
    if (ahead) suggested = ahead_.hear(task, now.time_since_epoch());
    if (ahead && !suggested && question != nullptr) suggested = ahead_.turn(*question);
    if (!suggested) suggested = models_.perform(task);
    if (suggested) {
      ++computed[suggested->computed];
      if (ahead && suggested->computed == Computed::kWhenWanted) {
        ahead_.took(suggested->sweep, suggestion_takes);
      }
    }
    return suggested;
  }
  const auto* wanted = std::get_if<ModelWanted>(&task);
  if (wanted == nullptr) return std::nullopt;
  Suggested suggested{wanted->sweep, wanted->suggestion, wanted->snapshot, std::nullopt};
  if (next_x_ < space_size) suggested.params = {{"x", static_cast<std::int64_t>(next_x_++)}};
  return suggested;
}

std::vector<wire::Message> CoreHarness::take_inbox(ClientId client) {
  std::vector<wire::Message> inbox;
  std::erase_if(outbox_, [&](Outgoing& out) {
    if (out.to != client) return false;
    inbox.push_back(std::move(out.message));
    return true;
  });
  return inbox;
}

ClientId CoreHarness::hello_worker(const std::string& worker, const std::string& host) {
  const ClientId client{next_client_++};
  send(client, wire::Hello{.role = "worker", .worker = worker, .host = host});
  return client;
}

SweepId CoreHarness::create(const std::string& yaml, const std::string& token) {
  return ask_for<wire::Created>(
             kCli, wire::Create{.request = 1, .token = token, .file_name = "s.yaml", .spec = yaml})
      .sweep;
}

wire::Assign CoreHarness::ask(ClientId worker, const SweepId& sweep) {
  return ask_for<wire::Assign>(
      worker, wire::Ask{.request = next_request_++, .sweep = sweep, .device = "cpu"});
}

std::vector<wire::Message> CoreHarness::report(ClientId worker, const wire::Assign& trial,
                                               std::uint64_t from,
                                               const std::vector<double>& values,
                                               const std::string& metric) {
  return send(worker,
              wire::Report{trial.sweep, trial.trial, trial.attempt, from, from + values.size(),
                           block_of(metric, static_cast<std::int64_t>(from), values)});
}

wire::Released CoreHarness::release(ClientId worker, const wire::Assign& trial, std::uint64_t to,
                                    std::int32_t exit_code, const std::string& message) {
  wire::Release release;
  release.sweep = trial.sweep;
  release.trial = trial.trial;
  release.attempt = trial.attempt;
  release.to = to;
  release.exit_code = exit_code;
  release.message = message;
  return ask_for<wire::Released>(worker, release);
}

wire::SweepInfo CoreHarness::info(const SweepId& sweep) {
  return ask_for<wire::SweepReply>(kCli, wire::GetSweep{.request = 1, .sweep = sweep}).sweep;
}

wire::TrialInfo CoreHarness::trial(const SweepId& sweep, std::uint64_t number) {
  const auto page = ask_for<wire::Trials>(
      kCli, wire::ListTrials{.request = 1, .sweep = sweep, .offset = number, .limit = 1});
  return page.trials.empty() ? wire::TrialInfo{} : page.trials.front();
}

void CoreHarness::advance(std::chrono::microseconds by) {
  now += by;
  Turn turn;
  core->tick(now, &turn);
  settle(std::move(turn));
}

void CoreHarness::lose_leases() {
  advance(limits::kLease + std::chrono::seconds(1));
  advance(limits::kSuspectGrace);
}

std::unique_ptr<Core> CoreHarness::replayed() const {
  auto copy = std::make_unique<Core>(Options{.broker_id = "again"});
  for (const Event& event : events) {
    if (!copy->replay(event)) return nullptr;
  }
  for (const PointsAppended& each : points) {
    const auto view = wire::PointsView::parse(each.block);
    if (!view || !copy->replay_points(each.attempt, each.seq, each.from, each.to, *view)) {
      return nullptr;
    }
  }
  Turn turn;
  copy->start(now, &turn);
  return copy;
}

std::string CoreHarness::difference_after_replay(const SweepId& sweep) {
  const std::unique_ptr<Core> copy = replayed();
  if (!copy) return "the log is refused";
  Turn turn;
  copy->receive(kCli, wire::Hello{.role = "client"}, now, &turn);
  const auto ask_copy = [&](wire::Message query) {
    turn.clear();
    copy->receive(kCli, std::move(query), now, &turn);
    return std::move(turn.outgoing.at(0).message);
  };
  const std::uint64_t total =
      ask_for<wire::Trials>(kCli, wire::ListTrials{.sweep = sweep, .limit = 1}).total;
  for (std::uint64_t number = 0; number < total; ++number) {
    const wire::ListTrials query{.sweep = sweep, .offset = number, .limit = 1};
    if (wire::Message{ask_for<wire::Trials>(kCli, query)} != ask_copy(query)) {
      return "trial " + std::to_string(number);
    }
  }
  wire::SweepInfo live = info(sweep);
  wire::SweepInfo again =
      std::get<wire::SweepReply>(ask_copy(wire::GetSweep{.sweep = sweep})).sweep;
  live.workers = again.workers = 0;
  return live == again ? "" : "the sweep";
}

void CoreHarness::restart() {
  core = replayed();
  models_ = {};
  ahead_ = {};
  outbox_.clear();
  send(kCli, wire::Hello{.role = "client"});
}

}  // namespace scopa::core
