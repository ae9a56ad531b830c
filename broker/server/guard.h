#pragma once

#include <atomic>
#include <cstdint>

#include "broker/core/core.h"
#include "broker/server/access.h"
#include "broker/server/refusals.h"
#include "sdk/wire/messages.h"

namespace scopa::server {

/// Stands between the socket and the core: what a sender's key does not allow goes no further, and
/// is counted and logged, seldom.
class Guard {
 public:
  /// Ok when `message` may go on; a worker's hello then bears the name of its key (access.h).
  /// Errors: kDenied, for the sender.
  Status check(const Sender& sender, const core::Core& core, wire::Message* message);
  /// Messages that were refused. From any thread.
  std::uint64_t denied() const { return denied_; }

 private:
  std::atomic<std::uint64_t> denied_{0};
  Refusals refusals_;
};

}  // namespace scopa::server
