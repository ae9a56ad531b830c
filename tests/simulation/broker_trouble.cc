// The broker's process while its disk fails: broker/server/loop_trouble.cc in virtual time, around
// the same Standing and mend().
#include <utility>
#include <variant>

#include "sdk/wire/codec.h"
#include "tests/simulation/broker_process.h"

namespace scopa::sim {
namespace {

/// What only a broker that can write may say: that something is kept, or is somebody's.
template <class M>
constexpr bool kPromises =
    std::is_same_v<M, wire::Assign> || std::is_same_v<M, wire::NoWork> ||
    std::is_same_v<M, wire::Ack> || std::is_same_v<M, wire::Stop> ||
    std::is_same_v<M, wire::Released> || std::is_same_v<M, wire::CheckpointKept> ||
    std::is_same_v<M, wire::Adopted> || std::is_same_v<M, wire::Created> ||
    std::is_same_v<M, wire::Enqueued> || std::is_same_v<M, wire::Done> ||
    std::is_same_v<M, wire::Removed>;

bool is_question(const wire::Message& message) {
  return std::holds_alternative<wire::ListSweeps>(message) ||
         std::holds_alternative<wire::GetSweep>(message) ||
         std::holds_alternative<wire::ListTrials>(message) ||
         std::holds_alternative<wire::GetPoints>(message);
}

}  // namespace

bool BrokerMachine::Process::serves(core::ClientId from, const wire::Message& message) {
  switch (standing_.fate_of(message)) {
    case server::Standing::Fate::kServe:
      if (!standing_.is_well() && !std::holds_alternative<wire::Hello>(message)) {
        world()->injected("question answered while the disk fails");
      }
      return true;
    case server::Standing::Fate::kAlive:
      send(from, wire::HeartbeatReply{wire::request_of(message)});
      return false;
    case server::Standing::Fate::kHold:
      if (!standing_.is_store_taken()) {
        world()->violate("questions-are-answered", "one is held although the store can be read");
      }
      held_.emplace_back(from, message);
      return false;
    case server::Standing::Fate::kRefuse:
      if (is_question(message) && standing_.is_readable()) {
        world()->violate("questions-are-answered", "one is refused although the store can be read");
      }
      break;
  }
  send(from, server::error_reply(wire::request_of(message), standing_.refusal(now())));
  return false;
}

void BrokerMachine::Process::fail() {
  world()->say("broker", "commit failed: " + commit_status_.to_string());
  world()->injected("broker cannot write");
  standing_.commit_failed(commit_status_, now());
  const Status told = standing_.refusal(now());
  for (const server::Round* each : {committing_.get(), round_.get()}) {
    for (const core::Outgoing& words : server::refusals(*each, told)) send(words.to, words.message);
  }
  committing_.reset();
  round_->clear();
  rereads_ = false;
  late_.clear();
  armed_for_.reset();
  core_options_.broker_id =
      "b" + std::to_string(machine_->starts_) + "." + std::to_string(++cores_);
  core_ = std::make_unique<core::Core>(core_options_);
  forget_thoughts();
  workers_.clear();
  work_on_trouble();
}

void BrokerMachine::Process::work_on_trouble() {
  const microseconds takes = machine_->random_.time(milliseconds(1), milliseconds(300));
  switch (standing_.take_work(now())) {
    case server::Standing::Work::kNone:
      if (const auto next = standing_.next_work()) {
        later(std::max<microseconds>(*next - now(), microseconds(1)), &Process::work_on_trouble);
      }
      return;
    case server::Standing::Work::kProbe:
      return later(takes, &Process::probe);
    case server::Standing::Work::kMend:
      return later(takes, &Process::mend);
  }
}

void BrokerMachine::Process::probe() {
  standing_.probed(store_->probe(), now());
  work_on_trouble();
}

void BrokerMachine::Process::mend() {
  core_options_.broker_id =
      "b" + std::to_string(machine_->starts_) + "." + std::to_string(++cores_);
  server::Mended mended = server::mend(store_.get(), core_options_, !standing_.is_readable());
  advance();
  standing_.mended(mended, now());
  if (mended.is_open) machine_->auditor_->reopened(*store_, false);
  if (mended.core) {
    core_ = std::move(mended.core);
    forget_thoughts();
    workers_.clear();
  } else if (mended.is_open) {
    world()->violate("store-readable", mended.is_read.to_string());
  }
  world()->say("broker", standing_.is_well() ? "works again" : "only answers questions");
  if (standing_.is_well()) {
    world()->injected("disk works again");
    server::take_over(core_.get(), now(), &round_->turn);
    decides_since_ = now();
    decided();
  }
  auto held = std::exchange(held_, {});
  for (auto& [from, message] : held) take(from, std::move(message));
  advance();
  work_on_trouble();
}

// ---- what must hold -----------------------------------------------------------------------------

void BrokerMachine::Process::check_said(const wire::Message& message) const {
  if (standing_.is_well()) return;
  std::visit(
      [this](const auto& m) {
        using M = std::decay_t<decltype(m)>;
        if constexpr (kPromises<M>) {
          world()->violate("silent-without-disk",
                           std::string(M::kType) + " was said while the store cannot be written");
        }
      },
      message);
}

// While the broker could not listen, nobody could renew a lease.
void BrokerMachine::Process::check_leases(const std::vector<core::Event>& events) const {
  if (now() - decides_since_ >= core_options_.lease) return;
  for (const core::Event& event : events) {
    const auto* ended = std::get_if<core::AttemptEnded>(&event.body);
    const bool lost = ended != nullptr && ended->lease_lost && !ended->extra;
    if (!lost && !std::holds_alternative<core::AttemptSuspected>(event.body)) continue;
    world()->violate("leases-start-anew",
                     event.sweep + ": a lease ended sooner than a lease after the broker's return");
  }
}

}  // namespace scopa::sim
