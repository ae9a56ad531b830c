#include "sdk/session/dealer.h"

#include <algorithm>
#include <utility>
#include <zmq.hpp>

#include "sdk/base/limits.h"
#include "sdk/session/curve.h"
#include "sdk/wire/codec.h"

namespace scopa::session {

struct Dealer::State {
  std::string endpoint;
  ClientKeysPtr keys;
  zmq::context_t context{1};
  zmq::socket_t socket;
  std::optional<HandshakeWatch> watch;
  std::string frame;
  std::vector<zmq_pollitem_t> items;
  std::uint64_t dropped = 0;
  std::uint64_t garbage = 0;

  void connect() {
    socket = zmq::socket_t(context, zmq::socket_type::dealer);
    socket.set(zmq::sockopt::linger, 0);
    socket.set(zmq::sockopt::sndhwm, static_cast<int>(limits::kSendQueueMessages));
    socket.set(zmq::sockopt::reconnect_ivl, static_cast<int>(limits::kReconnectFirst.count()));
    socket.set(zmq::sockopt::reconnect_ivl_max, static_cast<int>(limits::kDialMax.count()));
    socket.set(zmq::sockopt::maxmsgsize, static_cast<std::int64_t>(limits::kFrameBytesMax));
    socket.set(zmq::sockopt::tcp_keepalive, 1);
    if (!use_keys(socket.handle(), keys)) throw zmq::error_t();
    watch.emplace(context.handle(), socket.handle(), endpoint, keys);
    socket.connect(endpoint);
  }
  void disconnect() {
    watch.reset();
    socket.close();
  }
};

Dealer::Dealer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Dealer::~Dealer() = default;

Result<std::unique_ptr<Dealer>> Dealer::open(const std::string& endpoint, ClientKeysPtr keys) try {
  auto state = std::make_unique<State>();
  state->endpoint = endpoint;
  state->keys = std::move(keys);
  state->connect();
  return std::unique_ptr<Dealer>(new Dealer(std::move(state)));
} catch (const zmq::error_t& e) {
  return Status{Code::kInvalidArgument,
                "`" + endpoint + "` is not an endpoint to connect to: " + e.what(),
                "write tcp://HOST:PORT or ipc://PATH"};
}

void Dealer::reconnect() try {
  state_->disconnect();
  state_->connect();
} catch (const zmq::error_t&) {
  // No socket now (too many open files, say); the session comes back with a longer pause.
}

void Dealer::send(const wire::Message& message) try {
  wire::encode_into(message, &state_->frame);
  const bool sent =
      state_->socket && state_->socket.send(zmq::buffer(state_->frame), zmq::send_flags::dontwait);
  if (!sent) ++state_->dropped;
} catch (const zmq::error_t&) {
  ++state_->dropped;
}

std::optional<wire::Message> Dealer::receive() try {
  while (state_->socket) {
    zmq::message_t frame;
    if (!state_->socket.recv(frame, zmq::recv_flags::dontwait)) return std::nullopt;
    auto message = wire::decode(frame.to_string_view());
    if (message) return std::move(*message);
    ++state_->garbage;
  }
  return std::nullopt;
} catch (const zmq::error_t&) {
  return std::nullopt;
}

std::optional<Status> Dealer::refusal() {
  return state_->watch ? state_->watch->failure() : std::nullopt;
}

void Dealer::wait(const std::vector<int>& fds, std::chrono::milliseconds time_max) {
  auto& items = state_->items;
  items.clear();
  if (state_->socket) items.push_back({state_->socket.handle(), 0, ZMQ_POLLIN, 0});
  if (state_->watch && state_->watch->handle() != nullptr) {
    items.push_back({state_->watch->handle(), 0, ZMQ_POLLIN, 0});
  }
  for (const int fd : fds) items.push_back({nullptr, fd, ZMQ_POLLIN, 0});
  const auto time = std::clamp<std::chrono::milliseconds::rep>(time_max.count(), 0, 60'000);
  // The C function, because a signal is no failure: whoever waits looks again.
  (void)zmq_poll(items.data(), static_cast<int>(items.size()), static_cast<long>(time));
}

std::uint64_t Dealer::dropped() const { return state_->dropped; }
std::uint64_t Dealer::garbage() const { return state_->garbage; }

}  // namespace scopa::session
