#include "broker/server/connection_events.h"

#include <zmq.h>

#include <cstring>
#include <zmq.hpp>

#include "broker/server/socket_option.h"

namespace scopa::server {
namespace {

constexpr const char* kPlace = "inproc://scopa-connections";
constexpr int kEvents = ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED |
                        ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                        ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;

}  // namespace

Result<std::unique_ptr<ConnectionEvents>> ConnectionEvents::open(void* context, void* socket) {
  const auto failure = [] {
    return Status{Code::kResource,
                  std::string("cannot watch who connects: ") + zmq_strerror(zmq_errno())};
  };
  if (zmq_socket_monitor(socket, kPlace, kEvents) != 0) return failure();
  std::unique_ptr<ConnectionEvents> made(
      new ConnectionEvents(socket, zmq_socket(context, ZMQ_PAIR)));
  // Without a bound: ZeroMQ's own thread would wait for room, and with it all connections.
  if (made->events_ == nullptr || !set_option(made->events_, ZMQ_LINGER, 0) ||
      !set_option(made->events_, ZMQ_RCVHWM, 0) || zmq_connect(made->events_, kPlace) != 0) {
    return failure();
  }
  return made;
}

ConnectionEvents::~ConnectionEvents() {
  (void)zmq_socket_monitor(socket_, nullptr, 0);
  if (events_ != nullptr) (void)zmq_close(events_);
}

// An event is two frames: u16 what, u32 descriptor or error; the endpoint.
void ConnectionEvents::read(const Each& each) {
  zmq::message_t event, endpoint;
  while (zmq_msg_recv(event.handle(), events_, ZMQ_DONTWAIT) >= 0) {
    if (zmq_msg_recv(endpoint.handle(), events_, ZMQ_DONTWAIT) < 0) return;
    std::uint16_t what = 0;
    std::int32_t fd = -1;
    if (event.size() < sizeof what + sizeof fd) continue;
    std::memcpy(&what, event.data(), sizeof what);
    if (what == ZMQ_EVENT_ACCEPTED || what == ZMQ_EVENT_DISCONNECTED) {
      std::memcpy(&fd, static_cast<const char*>(event.data()) + sizeof what, sizeof fd);
    }
    each(what, fd, endpoint.to_string_view());
  }
}

}  // namespace scopa::server
