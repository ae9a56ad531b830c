#include "broker/server/router_socket.h"

#include <sys/stat.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <chrono>
#include <utility>
#include <zmq.hpp>

#include "broker/server/endpoint.h"
#include "sdk/base/limits.h"
#include "sdk/base/text.h"

namespace scopa::server {
namespace {

namespace asio = boost::asio;

int milliseconds_of(std::chrono::milliseconds time) { return static_cast<int>(time.count()); }

class ZmqRouter final : public RouterSocket {
 public:
  explicit ZmqRouter(asio::io_context& io) : wakeup_(io) {}
  ~ZmqRouter() override { close(); }

  Status open(const std::vector<Endpoint>& listen, std::shared_ptr<BrokerKeys> keys) try {
    context_.set(zmq::ctxopt::max_sockets, kSocketsMax);
    socket_ = zmq::socket_t(context_, zmq::socket_type::router);
    socket_.set(zmq::sockopt::router_mandatory, true);
    socket_.set(zmq::sockopt::linger, milliseconds_of(limits::kReplyLinger));
    socket_.set(zmq::sockopt::backlog, limits::kListenBacklog);
    socket_.set(zmq::sockopt::maxmsgsize, static_cast<std::int64_t>(limits::kFrameBytesMax));
    socket_.set(zmq::sockopt::sndhwm, static_cast<int>(limits::kSendQueueMessages));
    socket_.set(zmq::sockopt::rcvhwm, static_cast<int>(limits::kReceiveQueueMessages));
    if (keys != nullptr) {
      SCOPA_ASSIGN_OR_RETURN(door_,
                             Door::open(context_.handle(), socket_.handle(), std::move(keys)));
    }
    for (const Endpoint& endpoint : listen) SCOPA_RETURN_IF_ERROR(bind(endpoint));
    wakeup_.assign(socket_.get(zmq::sockopt::fd));
    return Status::ok();
  } catch (const zmq::error_t& e) {
    return {Code::kResource, std::string("cannot open the broker's socket: ") + e.what()};
  }

  void start(std::function<void()> on_ready) override {
    on_ready_ = std::move(on_ready);
    wait();
  }

  bool receive(Frame* frame) override {
    if (!receive_part(&id_)) return false;
    body_.rebuild();
    std::size_t parts = 1;
    for (zmq::message_t* part = &id_; part->more(); part = &body_) {
      if (!receive_part(&body_)) break;
      ++parts;
    }
    frame->from = id_.to_string_view();
    frame->body = body_.to_string_view();
    frame->is_single = parts == 2;
    frame->sender = sender();
    return true;
  }

  Sent send(std::string_view to, std::string_view body) override {
    void* socket = socket_.handle();
    if (zmq_send(socket, to.data(), to.size(), ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0) {
      return zmq_errno() == EAGAIN ? Sent::kFull : Sent::kGone;
    }
    // The first part chose the connection and found room, so this cannot be refused for want of it.
    return zmq_send(socket, body.data(), body.size(), ZMQ_DONTWAIT) < 0 ? Sent::kGone : Sent::kYes;
  }

  void close() override {
    if (wakeup_.is_open()) wakeup_.release();  // ZeroMQ closes it
    if (door_ && socket_) door_->leave(socket_.handle());
    socket_.close();
    context_.shutdown();  // ends the door's thread
    if (door_) door_->close();
    context_.close();
  }

  std::uint64_t refused() const override { return door_ ? door_->refused() : 0; }

  const std::vector<std::string>& endpoints() const override { return endpoints_; }

 private:
  static constexpr int kSocketsMax = 64;

  Status bind(const Endpoint& endpoint) {
    const bool is_unix = !endpoint.path.empty();
    // An endpoint keeps what the socket's options were when it was bound.
    if (door_ && is_unix) SCOPA_RETURN_IF_ERROR(door_->ask_for_user(socket_.handle()));
    if (door_ && !is_unix) SCOPA_RETURN_IF_ERROR(door_->ask_for_keys(socket_.handle()));
    SCOPA_RETURN_IF_ERROR(clear_stale_socket(endpoint));
    socket_.set(zmq::sockopt::ipv6, endpoint.is_ipv6);
    if (zmq_bind(socket_.handle(), endpoint.bind.c_str()) != 0) {
      return bind_error(endpoint, zmq_errno());
    }
    if (is_unix && endpoint.path.front() != '@' && chmod(endpoint.path.c_str(), 0600) != 0) {
      return bind_error(endpoint, errno);
    }
    endpoints_.push_back(socket_.get(zmq::sockopt::last_endpoint));
    return Status::ok();
  }

  /// Where nobody is asked, everybody may do everything.
  Sender sender() {
    if (!door_) return {"", session::Role::kAdmin};
    const char* user = zmq_msg_gets(body_.handle(), "User-Id");
    return user == nullptr ? Sender{} : door_->sender(user);
  }

  void wait() {
    wakeup_.async_wait(asio::posix::stream_descriptor::wait_read,
                       [this](const boost::system::error_code& error) {
                         if (error) return;
                         on_ready_();
                         if (wakeup_.is_open()) wait();
                       });
  }

  bool receive_part(zmq::message_t* part) {
    return zmq_msg_recv(part->handle(), socket_.handle(), ZMQ_DONTWAIT) >= 0;
  }

  zmq::context_t context_;
  zmq::socket_t socket_;
  std::unique_ptr<Door> door_;
  asio::posix::stream_descriptor wakeup_;
  std::function<void()> on_ready_;
  std::vector<std::string> endpoints_;
  zmq::message_t id_;
  zmq::message_t body_;
};

}  // namespace

Result<std::unique_ptr<RouterSocket>> RouterSocket::open(boost::asio::io_context& io,
                                                         const std::vector<std::string>& listen,
                                                         bool insecure,
                                                         std::shared_ptr<BrokerKeys> keys) {
  std::vector<Endpoint> endpoints;
  if (keys != nullptr && insecure) {
    return Status{Code::kInvalidArgument,
                  "this broker has keys, and --insecure would let everybody in without one",
                  "leave out --insecure; or move the folder `keys` away, to do without"};
  }
  for (const std::string& text : listen) {
    SCOPA_ASSIGN_OR_RETURN(Endpoint endpoint, parse_endpoint(text));
    if (!endpoint.is_local && !insecure && keys == nullptr) {
      return Status{Code::kInvalidArgument,
                    printable(text) +
                        " can be reached from other machines, and without keys clients are not "
                        "authenticated: whoever reaches it could run programs",
                    "make keys with `scopa keygen --server` (docs/security.md), or listen on "
                    "127.0.0.1 and forward the port by ssh; or, in a network where you trust "
                    "everyone, add --insecure"};
    }
    endpoints.push_back(std::move(endpoint));
  }
  if (endpoints.empty()) {
    return Status{Code::kInvalidArgument, "a broker needs at least one endpoint to listen on"};
  }
  auto router = std::make_unique<ZmqRouter>(io);
  SCOPA_RETURN_IF_ERROR(router->open(endpoints, std::move(keys)));
  return std::unique_ptr<RouterSocket>(std::move(router));
}

}  // namespace scopa::server
