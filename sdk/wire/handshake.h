#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sdk/base/ids.h"
#include "sdk/base/status.h"
#include "sdk/wire/fields.h"

/// How any peer begins, and how any request may end.
namespace scopa::wire {

/// Bumped when a message changes in a way that an older peer would misread.
inline constexpr std::uint32_t kProtocolVersion = 1;
inline constexpr std::uint32_t kProtocolVersionMin = 1;

/// Names one attempt: the unit of leases, reports and stops.
struct AttemptRef {
  SweepId sweep;
  std::uint64_t trial = 0;
  std::uint32_t attempt = 0;
  SCOPA_FIELDS(AttemptRef, v("sweep", m.sweep); v("trial", m.trial); v("attempt", m.attempt));
  auto operator<=>(const AttemptRef&) const = default;
};

/// First message of a connection, and again whenever the broker answers kHelloRequired.
struct Hello {
  static constexpr std::string_view kType = "hello";
  std::uint32_t version_min = kProtocolVersionMin;
  std::uint32_t version_max = kProtocolVersion;
  std::string role;      // "worker" or "client"
  std::string worker;    // a worker's unique id, the same over reconnects; empty for clients
  std::string host;      // for people
  std::int64_t pid = 0;  // for people
  std::string software;  // e.g. "scopa 0.1.0"
  SCOPA_FIELDS(Hello, v("version_min", m.version_min); v("version_max", m.version_max);
               v("role", m.role); v("worker", m.worker); v("host", m.host); v("pid", m.pid);
               v("software", m.software));
};

struct Welcome {
  static constexpr std::string_view kType = "welcome";
  std::uint32_t version = 0;
  std::string broker;  // id of this broker process: it changes when the broker restarts
  std::int64_t heartbeat_ms = 0;
  std::int64_t lease_ms = 0;
  std::uint64_t frame_bytes_max = 0;
  SCOPA_FIELDS(Welcome, v("version", m.version); v("broker", m.broker);
               v("heartbeat_ms", m.heartbeat_ms); v("lease_ms", m.lease_ms);
               v("frame_bytes_max", m.frame_bytes_max));
};

struct Error {
  static constexpr std::string_view kType = "error";
  std::uint64_t request = 0;  // of the message that failed; 0 where it had none
  std::int32_t code = 0;      // scopa::Code
  std::string message;
  std::string help;
  SCOPA_FIELDS(Error, v("request", m.request); v("code", m.code); v("message", m.message);
               v("help", m.help));
  Status status() const { return {static_cast<Code>(code), message, help}; }
};

}  // namespace scopa::wire
