#include "sdk/session/curve.h"

#include <zmq.h>

#include <atomic>
#include <cstring>
#include <utility>

#include "sdk/base/limits.h"
#include "sdk/session/environment.h"

namespace scopa::session {
namespace {

constexpr const char* kHowToUseKeys =
    "make a key with `scopa keygen` and let whoever runs the broker authorize it; name it with "
    "--key, and the broker's keys/server.pub with --server-key, or put both into ~/.config/scopa "
    "as client.key and server.pub";

/// Half of a pair of keys is as good as none, and easily overlooked.
Status without_key(const std::string& what) {
  const std::string missing = missing_half(process_environment());
  if (missing.empty()) return {Code::kDenied, what, kHowToUseKeys};
  if (missing.ends_with("/server.pub")) {
    return {Code::kDenied, what + ": there is a client's key, but not the broker's, " + missing,
            "copy keys/server.pub from the broker's folder to " + missing};
  }
  return {Code::kDenied, what + ": there is the broker's key, but not the client's, " + missing,
          "make one with `scopa keygen`, and let whoever runs the broker authorize it"};
}

Status unknown_key(const std::string& endpoint, const ClientKeys& keys) {
  return {Code::kDenied,
          "the broker at " + endpoint + " does not know the key `" + keys.own.open.name + "` (" +
              keys.own_path + ", public part " + keys.own.open.key + ")",
          "let whoever runs it put " + public_path_of(keys.own_path) +
              " into its folder authorized_keys.d"};
}

Status other_user(const std::string& endpoint) {
  return {Code::kDenied, "the broker at " + endpoint + " serves there the user who runs it alone",
          "use its tcp endpoint, with a key (`scopa keygen`)"};
}

Status other_mechanism(const std::string& endpoint, const ClientKeysPtr& keys) {
  if (keys == nullptr) {
    return without_key("the broker at " + endpoint + " wants a key, and none is used here");
  }
  return {Code::kDenied,
          "the broker at " + endpoint + " uses no keys, so it cannot prove that it is the one of " +
              keys->server_path,
          "set it up with `scopa keygen --server`, or talk to it without keys: --key none"};
}

Status broken_off(const std::string& endpoint, const ClientKeysPtr& keys) {
  if (keys == nullptr) {
    return without_key("what listens at " + endpoint +
                       " breaks off each handshake; perhaps it wants a key");
  }
  return {Code::kDenied,
          "the broker at " + endpoint + " breaks off each handshake: its key is not that of " +
              keys->server_path + ", or it uses no keys",
          "compare " + keys->server_path + " with keys/server.pub in the broker's folder"};
}

}  // namespace

Status use_keys(void* socket, const ClientKeysPtr& keys) {
  if (keys == nullptr) return Status::ok();
  const std::string& open = keys->own.open.key;
  const bool done =
      zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, keys->server.c_str(), kKeyChars + 1) == 0 &&
      zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, open.c_str(), kKeyChars + 1) == 0 &&
      zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, keys->own.secret.text(), kKeyChars + 1) == 0;
  if (done) return Status::ok();
  return {Code::kUnsupported, "this ZeroMQ was built without CURVE",
          "install a libzmq that has it (Debian's and Ubuntu's have)"};
}

HandshakeWatch::HandshakeWatch(void* context, void* socket, std::string endpoint,
                               ClientKeysPtr keys)
    : socket_(socket), endpoint_(std::move(endpoint)), keys_(std::move(keys)) {
  static std::atomic<std::uint64_t> number{0};
  const std::string name = "inproc://scopa-handshakes-" + std::to_string(++number);
  constexpr int kEvents = ZMQ_EVENT_CONNECTED | ZMQ_EVENT_CONNECT_RETRIED |
                          ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                          ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;
  if (zmq_socket_monitor(socket_, name.c_str(), kEvents) != 0) return;
  events_ = zmq_socket(context, ZMQ_PAIR);
  if (events_ == nullptr) {
    (void)zmq_socket_monitor(socket_, nullptr, 0);
    return;
  }
  // No bound: ZeroMQ's thread waits for ever where an event finds no room. They are few.
  const int zero = 0;
  (void)zmq_setsockopt(events_, ZMQ_RCVHWM, &zero, sizeof zero);
  (void)zmq_setsockopt(events_, ZMQ_LINGER, &zero, sizeof zero);
  (void)zmq_connect(events_, name.c_str());
}

HandshakeWatch::~HandshakeWatch() {
  if (events_ == nullptr) return;
  // In this order: the monitor still has a word to say to somebody.
  (void)zmq_socket_monitor(socket_, nullptr, 0);
  (void)zmq_close(events_);
}

std::optional<Status> HandshakeWatch::failure() {
  take_events();
  return std::exchange(failure_, std::nullopt);
}

int HandshakeWatch::connections() {
  take_events();
  return handshakes_;
}

void HandshakeWatch::take_events() {
  if (events_ == nullptr) return;
  zmq_msg_t part;
  (void)zmq_msg_init(&part);
  while (zmq_msg_recv(&part, events_, ZMQ_DONTWAIT) >= 0) {
    std::uint16_t event = 0;
    std::uint32_t value = 0;
    if (zmq_msg_size(&part) == sizeof event + sizeof value) {
      std::memcpy(&event, zmq_msg_data(&part), sizeof event);
      std::memcpy(&value, static_cast<const char*>(zmq_msg_data(&part)) + sizeof event,
                  sizeof value);
    }
    while (zmq_msg_more(&part) != 0 && zmq_msg_recv(&part, events_, ZMQ_DONTWAIT) >= 0) {
    }
    take(event, value);
  }
  (void)zmq_msg_close(&part);
}

void HandshakeWatch::take(std::uint16_t event, std::uint32_t value) {
  switch (event) {
    case ZMQ_EVENT_CONNECTED:
      connected_ = true;
      return;
    case ZMQ_EVENT_CONNECT_RETRIED:
      ++retries_;
      return;
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
      ++handshakes_;
      broken_ = 0;
      failure_.reset();
      return;
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
      failure_ = keys_ != nullptr ? unknown_key(endpoint_, *keys_) : other_user(endpoint_);
      return;
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
      if (value == ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH) {
        failure_ = other_mechanism(endpoint_, keys_);
        return;
      }
      [[fallthrough]];
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
      // Once may be a broker that ends just now.
      if (++broken_ < limits::kHandshakesBrokenMax) return;
      broken_ = 0;
      failure_ = broken_off(endpoint_, keys_);
      return;
    default:
      return;
  }
}

}  // namespace scopa::session
