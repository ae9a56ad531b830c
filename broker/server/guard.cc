#include "broker/server/guard.h"

#include <spdlog/spdlog.h>

#include <variant>

#include "sdk/wire/codec.h"

namespace scopa::server {
namespace {

Status check_message(const Sender& sender, const core::Core& core, wire::Message* message) {
  SCOPA_RETURN_IF_ERROR(check_role(sender, *message));
  if (auto* hello = std::get_if<wire::Hello>(message)) return own_worker_id(sender, hello);
  if (const auto* adopt = std::get_if<wire::Adopt>(message)) {
    return check_adoption(sender, core.holder(wire::attempt_of(*adopt)));
  }
  return Status::ok();
}

}  // namespace

Status Guard::check(const Sender& sender, const core::Core& core, wire::Message* message) {
  Status allowed = check_message(sender, core, message);
  if (allowed) return allowed;
  ++denied_;
  if (const auto news = refusals_.to_tell(denied_, Refusals::Clock::now()); news > 0) {
    spdlog::warn("messages denied={} total={} last key={} role={} type={}", news, denied_.load(),
                 sender.name, name_of(sender.role), wire::type_of(*message));
  }
  return allowed;
}

}  // namespace scopa::server
