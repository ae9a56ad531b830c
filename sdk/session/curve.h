#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sdk/base/status.h"
#include "sdk/session/client_keys.h"

namespace scopa::session {

/// Makes `socket` (a ZeroMQ socket that is not yet connected) speak CURVE; without keys it stays
/// plain.
Status use_keys(void* socket, const ClientKeysPtr& keys);

/// Watches how the handshakes of one socket go, since ZeroMQ itself only tries again in silence, or
/// not at all. Same thread as the socket; made before it connects, ends before it is closed.
class HandshakeWatch {
 public:
  HandshakeWatch(void* context, void* socket, std::string endpoint, ClientKeysPtr keys);
  ~HandshakeWatch();
  HandshakeWatch(const HandshakeWatch&) = delete;
  HandshakeWatch& operator=(const HandshakeWatch&) = delete;

  /// Why the broker does not let us in; nothing while it has, or nobody listens, or it is too early
  /// to say. kDenied, with what to do. Each failure is told once.
  std::optional<Status> failure();
  /// Whether nobody listens at the endpoint (so far).
  bool nobody_listens() const { return retries_ > 0 && !connected_; }
  /// How many connections have been made so far: what was said on one may be lost with it.
  int connections();
  /// To wait on, beside the socket's own.
  void* handle() const { return events_; }

 private:
  void take_events();
  void take(std::uint16_t event, std::uint32_t value);

  void* socket_;
  void* events_ = nullptr;
  std::string endpoint_;
  ClientKeysPtr keys_;
  int broken_ = 0;  // handshakes in a row that ended without a word
  int retries_ = 0;
  int handshakes_ = 0;
  bool connected_ = false;
  std::optional<Status> failure_;
};

}  // namespace scopa::session
