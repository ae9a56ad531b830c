#include "tests/simulation/rebuilt.h"

#include <variant>

#include "broker/server/rebuild.h"
#include "sdk/wire/codec.h"

namespace scopa::sim {
namespace {

/// Of no connection.
constexpr core::ClientId kReader{UINT64_MAX};

template <class Reply, class Query>
Reply ask(core::Core& core, Query query, Instant now) {
  core::Turn turn;
  query.request = 1;
  core.receive(kReader, std::move(query), now, &turn);
  for (core::Outgoing& words : turn.outgoing) {
    if (auto* reply = std::get_if<Reply>(&words.message)) return std::move(*reply);
  }
  return {};
}

void greet(core::Core& core, core::ClientId client, const std::string& worker, Instant now) {
  core::Turn turn;
  wire::Hello hello;
  hello.role = worker.empty() ? "client" : "worker";
  hello.worker = worker;
  core.receive(client, std::move(hello), now, &turn);
}

}  // namespace

std::unique_ptr<core::Core> rebuild_core(World* world, const store::Store& store,
                                         const core::Options& options) {
  auto core = std::make_unique<core::Core>(options);
  const Status rebuilt = server::rebuild(store, core.get());
  if (rebuilt) return core;
  world->violate("store-readable", rebuilt.to_string());
  return nullptr;
}

std::string picture_of(core::Core& core, Instant now) {
  greet(core, kReader, "", now);
  std::string picture;
  for (const SweepId& id : core.sweeps()) {
    wire::GetSweep which;
    which.sweep = id;
    auto sweep = ask<wire::SweepReply>(core, which, now);
    sweep.sweep.workers = 0;
    picture += wire::encode(sweep);
    wire::ListTrials trials;
    trials.sweep = id;
    picture += wire::encode(ask<wire::Trials>(core, trials, now));
  }
  core.disconnected(kReader);
  return picture;
}

std::string decisions_in(const core::Turn& turn) {
  std::string decisions;
  for (const core::Event& event : turn.events) {
    if (std::holds_alternative<core::StopDecided>(event.body) ||
        std::holds_alternative<core::AttemptEnded>(event.body) ||
        std::holds_alternative<core::TrialStateChanged>(event.body) ||
        std::holds_alternative<core::WorkerQuarantined>(event.body)) {
      decisions += event.sweep + core::encode_event(event);
    }
  }
  for (const core::PointsAppended& points : turn.points) {
    decisions += std::to_string(points.from) + "-" + std::to_string(points.to) + points.block;
  }
  return decisions;
}

std::string decisions_on(core::Core& core, const std::string& worker, const wire::Message& message,
                         Instant now) {
  core::Turn turn;
  core.start(now, &turn);
  greet(core, kReader, worker, now);
  turn.clear();
  core.receive(kReader, message, now, &turn);
  return decisions_in(turn);
}

}  // namespace scopa::sim
