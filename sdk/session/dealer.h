#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sdk/base/status.h"
#include "sdk/session/client_keys.h"
#include "sdk/wire/messages.h"

namespace scopa::session {

/// A worker's ZeroMQ socket. One thread. Sending never waits and never fails: what finds no room
/// is dropped and counted, and the Session sends it again. A broken connection is mended by
/// ZeroMQ; reconnect() is for a peer that is silent.
class Dealer {
 public:
  /// Errors: kInvalidArgument for an endpoint that is none.
  static Result<std::unique_ptr<Dealer>> open(const std::string& endpoint,
                                              ClientKeysPtr keys = nullptr);
  ~Dealer();
  Dealer(const Dealer&) = delete;
  Dealer& operator=(const Dealer&) = delete;

  /// Forgets what is queued and makes a new connection, with a new identity for the broker.
  void reconnect();
  void send(const wire::Message& message);
  /// The next message that could be read; nothing when none has come. Frames that are no message
  /// of this protocol are dropped and counted.
  std::optional<wire::Message> receive();
  /// Why the broker did not let us in, once for each time (curve.h).
  std::optional<Status> refusal();
  /// Returns when a message has come, a handshake has failed, one of `fds` can be read, or the time
  /// is over.
  void wait(const std::vector<int>& fds, std::chrono::milliseconds time_max);

  std::uint64_t dropped() const;  ///< messages that found no room
  std::uint64_t garbage() const;  ///< frames that were no message

 private:
  struct State;
  explicit Dealer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace scopa::session
