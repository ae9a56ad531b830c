#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "sdk/base/limits.h"
#include "sdk/base/status.h"
#include "sdk/session/client_keys.h"
#include "sdk/wire/messages.h"

namespace scopa::session {

/// A command line's connection to a broker: one request, one reply. One thread.
class Client {
 public:
  /// What to do while nobody listens at the endpoint.
  enum class Absent { kWait, kGiveUp };

  /// Connects and says hello.
  /// Errors: kUnavailable when nobody answers at `endpoint` in time, or with kGiveUp as soon as it
  /// is clear that nobody listens; kDenied, at once, when the broker does not let us in or is not
  /// the one whose key we have; kUnsupported for a broker of another protocol version.
  static Result<std::unique_ptr<Client>> connect(
      const std::string& endpoint, std::chrono::milliseconds timeout = std::chrono::seconds(3),
      ClientKeysPtr keys = nullptr, Absent absent = Absent::kWait,
      std::chrono::milliseconds silence = limits::kBackupSilence);
  virtual ~Client() = default;

  /// Sends `message` (its `request` is set here) and waits for the answer. An Error reply comes
  /// back as its Status. When the connection breaks meanwhile it is asked again on the next one
  /// (but Backup: kDeadlineExceeded, and kUnavailable when the broker is not heard of for `silence`
  /// while it makes one: it is asked now and then whether it is there). kDeadlineExceeded when no
  /// answer comes; the next request then makes a new connection, for this one may be dead without
  /// having ended.
  virtual Result<wire::Message> request(
      wire::Message message, std::chrono::milliseconds timeout = limits::kReplyTimeout) = 0;
};

}  // namespace scopa::session
