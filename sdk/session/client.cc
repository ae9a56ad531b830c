#include "sdk/session/client.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <zmq.hpp>

#include "sdk/base/limits.h"
#include "sdk/session/curve.h"
#include "sdk/wire/codec.h"

namespace scopa::session {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

std::string host_name() {
  std::array<char, limits::kNameBytesMax> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return {};
  return name.data();
}

void set_request(wire::Message* message, std::uint64_t request) {
  std::visit(
      [request](auto& m) {
        if constexpr (requires { m.request; }) m.request = request;
      },
      *message);
}

class DealerClient final : public Client {
 public:
  DealerClient(std::string endpoint, ClientKeysPtr keys, milliseconds silence)
      : endpoint_(std::move(endpoint)), keys_(std::move(keys)), silence_(silence) {}

  Status open() try {
    socket_ = zmq::socket_t(context_, zmq::socket_type::dealer);
    socket_.set(zmq::sockopt::linger, 0);
    socket_.set(zmq::sockopt::sndhwm, static_cast<int>(limits::kSendQueueMessages));
    SCOPA_RETURN_IF_ERROR(use_keys(socket_.handle(), keys_));
    watch_.emplace(context_.handle(), socket_.handle(), endpoint_, keys_);
    socket_.connect(endpoint_);
    connection_ = 1;
    return Status::ok();
  } catch (const zmq::error_t& e) {
    return {Code::kInvalidArgument,
            "`" + endpoint_ + "` is not an endpoint to connect to: " + e.what(),
            "write tcp://HOST:PORT or ipc://PATH"};
  }

  /// Says hello for the first time; from then on ZeroMQ mends the connection.
  Status greet(Clock::time_point deadline, Absent absent) {
    absent_ = absent;
    return hello(deadline);
  }

  Status hello(Clock::time_point deadline) {
    wire::Hello hello;
    hello.role = "client";
    hello.host = host_name();
    hello.pid = getpid();
    hello.software = "scopa";
    SCOPA_RETURN_IF_ERROR(send(hello));
    while (true) {
      SCOPA_ASSIGN_OR_RETURN(std::optional<wire::Message> reply, receive(hello, deadline));
      if (!reply) return nobody();
      if (std::holds_alternative<wire::Welcome>(*reply)) return Status::ok();
      if (const auto* error = std::get_if<wire::Error>(&*reply)) {
        if (error->code == static_cast<std::int32_t>(Code::kUnsupported) ||
            error->code == static_cast<std::int32_t>(Code::kDenied)) {
          return error->status();
        }
      }
    }
  }

  Result<wire::Message> request(wire::Message message, milliseconds timeout) override {
    const auto deadline = Clock::now() + timeout;
    if (unanswered_) {
      // The connection may be dead without anybody having told us. What was asked on it is given
      // up.
      watch_.reset();
      socket_.close();
      SCOPA_RETURN_IF_ERROR(open());
      SCOPA_RETURN_IF_ERROR(greet(deadline, absent_));
      unanswered_ = false;
    }
    const std::uint64_t number = ++last_request_;
    set_request(&message, number);
    connection_ = std::max(connection_, watch_->connections());
    SCOPA_RETURN_IF_ERROR(send(message));
    heard_at_ = looked_at_ = Clock::now();
    while (true) {
      SCOPA_ASSIGN_OR_RETURN(std::optional<wire::Message> reply, receive(message, deadline));
      if (!reply) {
        unanswered_ = true;
        return Status{Code::kDeadlineExceeded,
                      "the broker at " + endpoint_ + " did not answer `" +
                          std::string(wire::type_of(message)) + "` within " +
                          std::to_string(timeout.count()) + " ms",
                      "it may be busy or gone; look whether the change was made, then try again"};
      }
      const auto* error = std::get_if<wire::Error>(&*reply);
      if (error && error->code == static_cast<std::int32_t>(Code::kHelloRequired)) {
        // The broker has been restarted since: it knows neither us nor this request.
        SCOPA_RETURN_IF_ERROR(hello(deadline));
        SCOPA_RETURN_IF_ERROR(send(message));
        continue;
      }
      if (wire::request_of(*reply) != number)
        continue;  // an answer that came too late for its question
      if (error) return error->status();
      return std::move(*reply);
    }
  }

 private:
  Status nobody() const {
    return {Code::kUnavailable, "no broker answers at " + endpoint_,
            "start one with `scopa broker`, or name another with --url or SCOPA_URL"};
  }

  Status send(const wire::Message& message) try {
    wire::encode_into(message, &frame_);
    if (!socket_.send(zmq::buffer(frame_), zmq::send_flags::dontwait)) return nobody();
    return Status::ok();
  } catch (const zmq::error_t& e) {
    return nobody().with_prefix(e.what());
  }

  /// What was asked on a connection that has ended is asked again on the one after it: the broker
  /// gives one answer to one request, however often it comes. But a backup takes its time, and the
  /// folder of the first may be there by now.
  Status ask_again(const wire::Message& asked) {
    const int connections = watch_->connections();
    if (connections <= connection_) return Status::ok();
    connection_ = connections;
    if (!std::holds_alternative<wire::Backup>(asked)) return send(asked);
    return {
        Code::kDeadlineExceeded,
        "the connection to the broker at " + endpoint_ + " broke while it made the backup",
        "see whether it is whole: `scopa store verify FOLDER`; if not, remove it and try again"};
  }

  /// A broker that makes a backup says nothing of it until it is done, which may take hours:
  /// whether it still is there has to be asked. The answer bears no request's number.
  Status look_whether_it_is_there() {
    const auto now = Clock::now();
    if (now - heard_at_ > silence_) {
      return {Code::kUnavailable,
              "the broker at " + endpoint_ + " was not heard of for " +
                  std::to_string(silence_.count() / 1000) + " s while it made the backup",
              "it is gone or cannot be reached; look for it, then make the backup again"};
    }
    if (now - looked_at_ < silence_ / 6) return Status::ok();
    looked_at_ = now;
    (void)send(wire::GetBroker{});  // that nothing goes out is what silence tells
    return Status::ok();
  }

  /// The next message, or nothing when none comes before `deadline`. `asked` is what was sent last.
  Result<std::optional<wire::Message>> receive(const wire::Message& asked,
                                               Clock::time_point deadline) try {
    while (true) {
      zmq::message_t frame;
      if (socket_.recv(frame, zmq::recv_flags::dontwait)) {
        heard_at_ = Clock::now();
        auto message = wire::decode(frame.to_string_view());
        if (!message) return message.status().with_prefix("reply of " + endpoint_);
        return std::optional(std::move(*message));
      }
      if (auto failure = watch_->failure()) return std::move(*failure);
      if (absent_ == Absent::kGiveUp && watch_->nobody_listens()) return nobody();
      SCOPA_RETURN_IF_ERROR(ask_again(asked));
      auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
      if (left <= milliseconds(0)) return std::optional<wire::Message>();
      if (std::holds_alternative<wire::Backup>(asked)) {
        SCOPA_RETURN_IF_ERROR(look_whether_it_is_there());
        left = std::min(left, silence_ / 6 + milliseconds(1));
      }
      // The C function, because a signal is no failure: what came is asked for again above.
      std::array<zmq_pollitem_t, 2> items{{{socket_.handle(), 0, ZMQ_POLLIN, 0}, {}}};
      const bool is_watched = watch_->handle() != nullptr;
      if (is_watched) items[1] = {watch_->handle(), 0, ZMQ_POLLIN, 0};
      (void)zmq_poll(items.data(), is_watched ? 2 : 1, left.count());
    }
  } catch (const zmq::error_t& e) {
    return nobody().with_prefix(e.what());
  }

  std::string endpoint_;
  ClientKeysPtr keys_;
  milliseconds silence_;  // of a broker that makes a backup, then it counts as gone
  Clock::time_point heard_at_{}, looked_at_{};
  Absent absent_ = Absent::kWait;
  zmq::context_t context_{1};
  zmq::socket_t socket_;
  std::optional<HandshakeWatch> watch_;  // from open() on
  int connection_ = 0;                   // on which the last was asked, from 1
  std::string frame_;
  std::uint64_t last_request_ = 0;
  bool unanswered_ = false;  // the last request
};

}  // namespace

Result<std::unique_ptr<Client>> Client::connect(const std::string& endpoint,
                                                std::chrono::milliseconds timeout,
                                                ClientKeysPtr keys, Absent absent,
                                                milliseconds silence) {
  auto client = std::make_unique<DealerClient>(endpoint, std::move(keys), silence);
  SCOPA_RETURN_IF_ERROR(client->open());
  SCOPA_RETURN_IF_ERROR(client->greet(Clock::now() + timeout, absent));
  return std::unique_ptr<Client>(std::move(client));
}

}  // namespace scopa::session
