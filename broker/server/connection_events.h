#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "sdk/base/status.h"

namespace scopa::server {

/// What becomes of the connections of a ZeroMQ socket: one was accepted, has shaken hands or not,
/// has ended. ZeroMQ has one such stream for a socket, so everybody who wants to know reads it
/// here.
///
/// One thread, the socket's.
class ConnectionEvents {
 public:
  /// `event` is ZeroMQ's: ZMQ_EVENT_ACCEPTED and so on. `fd` is the connection's descriptor, or -1
  /// where ZeroMQ tells something else; `endpoint` is the one that it came to.
  using Each = std::function<void(std::uint16_t event, int fd, std::string_view endpoint)>;

  /// `context` and `socket` are ZeroMQ's; the socket is not yet bound.
  static Result<std::unique_ptr<ConnectionEvents>> open(void* context, void* socket);
  /// Before the socket is closed.
  ~ConnectionEvents();
  ConnectionEvents(const ConnectionEvents&) = delete;
  ConnectionEvents& operator=(const ConnectionEvents&) = delete;

  /// What has happened since the last call, in order.
  void read(const Each& each);

 private:
  ConnectionEvents(void* socket, void* events) : socket_(socket), events_(events) {}
  void* socket_;
  void* events_;
};

}  // namespace scopa::server
