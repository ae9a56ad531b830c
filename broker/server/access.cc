#include "broker/server/access.h"

#include <type_traits>
#include <variant>

#include "sdk/base/limits.h"
#include "sdk/wire/codec.h"

namespace scopa::server {
namespace {

using session::Role;

template <class M, class... Types>
constexpr bool kIsOneOf = (std::is_same_v<M, Types> || ...);

/// The table: who may send what.
template <class M>
constexpr Role least_role() {
  if constexpr (kIsOneOf<M, wire::Hello, wire::ListSweeps, wire::GetSweep, wire::ListTrials,
                         wire::GetPoints, wire::GetLog, wire::GetBroker>) {
    return Role::kViewer;
  } else if constexpr (kIsOneOf<M, wire::Ask, wire::Report, wire::Heartbeat, wire::Release,
                                wire::Checkpoint, wire::Adopt>) {
    return Role::kWorker;
  } else if constexpr (kIsOneOf<M, wire::Create, wire::Control, wire::Edit, wire::Enqueue,
                                wire::Retry, wire::Backup, wire::Remove>) {
    return Role::kAdmin;
  } else {
    // A broker sends these; the core refuses them, whoever they come from.
    static_assert(kIsOneOf<M, wire::Welcome, wire::Error, wire::Assign, wire::NoWork, wire::Ack,
                           wire::Stop, wire::HeartbeatReply, wire::Released, wire::CheckpointKept,
                           wire::Adopted, wire::Created, wire::Enqueued, wire::Done, wire::Retried,
                           wire::BackedUp, wire::Removed, wire::Sweeps, wire::SweepReply,
                           wire::Trials, wire::PointsReply, wire::LogReply, wire::BrokerInfo>,
                  "say in this table who may send the new message");
    return Role::kNone;
  }
}

std::string with_article(Role role) {
  return (role == Role::kAdmin ? "an " : "a ") + std::string(name_of(role));
}

}  // namespace

Role role_needed(const wire::Message& message) {
  if (const auto* hello = std::get_if<wire::Hello>(&message); hello && hello->role == "worker") {
    return Role::kWorker;
  }
  return std::visit([](const auto& m) { return least_role<std::decay_t<decltype(m)>>(); }, message);
}

Status check_role(const Sender& sender, const wire::Message& message) {
  const Role needed = role_needed(message);
  if (sender.role >= needed && sender.role != Role::kNone) return Status::ok();
  if (sender.role == Role::kNone) {
    return {Code::kDenied, "the key of this connection is not authorized any more",
            "ask whoever runs the broker, or use another key"};
  }
  const std::string what = std::holds_alternative<wire::Hello>(message)
                               ? "work"
                               : "send `" + std::string(wire::type_of(message)) + "`";
  return {Code::kDenied,
          "the key `" + sender.name + "` is " + with_article(sender.role) + "'s and may not " +
              what + ": that takes " + with_article(needed) + "'s",
          "use another key, or let whoever runs the broker change the role in its "
          "authorized_keys.d"};
}

Status own_worker_id(const Sender& sender, wire::Hello* hello) {
  if (sender.name.empty() || hello->worker.empty()) return Status::ok();
  if (hello->worker.size() + 1 + sender.name.size() > limits::kNameBytesMax) {
    return {Code::kInvalidArgument, "hello: the worker's id is too long for one with a key",
            "with the key's name it may have " + std::to_string(limits::kNameBytesMax) + " bytes"};
  }
  hello->worker += "@" + sender.name;
  return Status::ok();
}

Status check_adoption(const Sender& sender, std::string_view holder) {
  if (sender.name.empty() || sender.role == Role::kAdmin) return Status::ok();
  const std::size_t at = holder.rfind('@');
  if (at == std::string_view::npos || holder.substr(at + 1) == sender.name) return Status::ok();
  return {Code::kDenied,
          "the attempt is that of a worker with the key `" + std::string(holder.substr(at + 1)) +
              "`, and the key `" + sender.name + "` may not adopt it",
          "start the worker with the key that its predecessor had"};
}

}  // namespace scopa::server
