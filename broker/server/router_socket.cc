#include "broker/server/router_socket.h"

#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <utility>
#include <zmq.hpp>

#include "broker/server/connection_events.h"
#include "broker/server/endpoint.h"
#include "sdk/base/limits.h"
#include "sdk/base/log_text.h"
#include "sdk/base/text.h"
#include "sdk/session/environment.h"
#include "sdk/session/identity.h"

namespace scopa::server {
namespace {

namespace asio = boost::asio;

int milliseconds_of(std::chrono::milliseconds time) { return static_cast<int>(time.count()); }

/// Connections may not use up the descriptors, which the store needs, too.
std::size_t connections_that_fit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return limits::kConnectionsMax;
  limit.rlim_cur = std::clamp<rlim_t>(2 * limits::kConnectionsMax, limit.rlim_cur, limit.rlim_max);
  (void)setrlimit(RLIMIT_NOFILE, &limit);
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return limits::kConnectionsMax;
  return limit.rlim_cur / 4 * 3;
}

class ZmqRouter final : public RouterSocket {
 public:
  ZmqRouter(asio::io_context& io, ConnectionBounds bounds)
      : connections_(bounds), wakeup_(io), look_(io) {}
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
    socket_.set(zmq::sockopt::handshake_ivl, milliseconds_of(limits::kHandshakeMax));
    socket_.set(zmq::sockopt::tcp_keepalive, 1);
    socket_.set(zmq::sockopt::tcp_keepalive_idle, static_cast<int>(limits::kKeepAliveIdle.count()));
    socket_.set(zmq::sockopt::tcp_keepalive_intvl,
                static_cast<int>(limits::kKeepAliveProbe.count()));
    socket_.set(zmq::sockopt::tcp_keepalive_cnt, limits::kKeepAliveProbes);
    SCOPA_ASSIGN_OR_RETURN(events_, ConnectionEvents::open(context_.handle(), socket_.handle()));
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
    look_later();
  }

  bool receive(Frame* frame) override {
    if (!receive_part(&id_)) return false;
    body_.rebuild();
    std::size_t parts = 1;
    for (zmq::message_t* part = &id_; part->more(); part = &body_) {
      if (!receive_part(&body_)) break;
      ++parts;
    }
    connections_.heard(
        id_.to_string_view(),
        [this] {
          note_connections();
          return descriptor_of(id_);
        },
        Connections::Time::clock::now());
    frame->from = id_.to_string_view();
    frame->body = body_.to_string_view();
    frame->is_single = parts == 2;
    frame->sender = sender();
    return true;
  }

  Sent send(std::string_view to, std::string_view body) override {
    auto parcel = connections_.pack(to, body);
    if (parcel == nullptr) {
      shut(connections_.to_blame(to), "does not read what it asked for");
      return Sent::kFull;
    }
    zmq_msg_t message;
    std::string& content = parcel->body();
    const auto forget = [](void*, void* sent) { delete static_cast<Connections::Parcel*>(sent); };
    if (zmq_msg_init_data(&message, content.data(), content.size(), forget, parcel.get()) != 0) {
      return Sent::kFull;  // out of memory
    }
    (void)parcel.release();
    void* socket = socket_.handle();
    if (zmq_send(socket, to.data(), to.size(), ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0) {
      const bool is_full = zmq_errno() == EAGAIN;
      zmq_msg_close(&message);
      if (!is_full) connections_.gone(to);
      return is_full ? Sent::kFull : Sent::kGone;
    }
    // The first part chose the connection and found room, so this cannot be refused for want of it.
    if (zmq_msg_send(&message, socket, ZMQ_DONTWAIT) >= 0) return Sent::kYes;
    zmq_msg_close(&message);
    return Sent::kGone;
  }

  void close() override {
    if (wakeup_.is_open()) wakeup_.release();  // ZeroMQ closes it
    look_.cancel();
    events_.reset();
    socket_.close();
    context_.shutdown();  // ends the door's thread
    if (door_) door_->close();
    context_.close();
  }

  std::uint64_t refused() const override { return door_ ? door_->refused() : 0; }

  const std::vector<std::string>& endpoints() const override { return endpoints_; }
  std::size_t connections() const override { return connections_.size(); }
  std::vector<std::string> take_gone() override { return connections_.take_gone(); }
  std::uint64_t closed() const override { return closed_; }

 private:
  static constexpr int kSocketsMax = 64;
  static constexpr std::chrono::milliseconds kLookEvery{500};

  void note_connections() {
    events_->read([this](std::uint16_t event, int fd, std::string_view endpoint) {
      if (event == ZMQ_EVENT_ACCEPTED) connections_.opened(fd, Connections::Time::clock::now());
      if (event == ZMQ_EVENT_DISCONNECTED) connections_.closed(fd);
      if (door_) door_->noticed(event, endpoint);
    });
  }

  void look_later() {
    look_.expires_after(kLookEvery);
    look_.async_wait([this](const boost::system::error_code& error) {
      if (error) return;
      note_connections();
      for (const int fd : connections_.overdue(Connections::Time::clock::now())) {
        shut(fd, "is silent");
      }
      if (closed_ != closed_told_) {
        spdlog::warn("connections closed count={} last_reason={}", closed_ - closed_told_,
                     in_quotes(why_));
        closed_told_ = closed_;
      }
      if (connections_.has_gone()) on_ready_();
      look_later();
    });
  }

  void shut(int fd, const char* why) {
    if (fd < 0) return;
    (void)::shutdown(fd, SHUT_RDWR);
    connections_.closed(fd);
    why_ = why;
    ++closed_;
  }

  static int descriptor_of(zmq::message_t& message) {
    const char* text = zmq_msg_gets(message.handle(), "__fd");
    int fd = -1;
    if (text != nullptr) std::from_chars(text, text + std::strlen(text), fd);
    return fd;
  }

  Status bind(const Endpoint& endpoint) {
    const bool is_unix = !endpoint.path.empty();
    // An endpoint keeps what the socket's options were when it was bound.
    if (door_ && is_unix) SCOPA_RETURN_IF_ERROR(door_->ask_for_user(socket_.handle()));
    if (!door_ && is_unix) let_in_own_user();
    if (door_ && !is_unix) SCOPA_RETURN_IF_ERROR(door_->ask_for_keys(socket_.handle()));
    SCOPA_RETURN_IF_ERROR(clear_stale_socket(endpoint));
    socket_.set(zmq::sockopt::ipv6, endpoint.is_ipv6);
    if (zmq_bind(socket_.handle(), endpoint.bind.c_str()) != 0) {
      return bind_error(endpoint, zmq_errno());
    }
    if (is_unix && endpoint.path.front() != '@' && chmod(endpoint.path.c_str(), 0600) != 0) {
      return bind_error(endpoint, errno);
    }
    endpoints_.push_back(advertised(socket_.get(zmq::sockopt::last_endpoint),
                                    session::host_name(session::process_environment())));
    return Status::ok();
  }

  /// A socket in the file system has a mode, an abstract one (`ipc://@name`) has none: the kernel
  /// is asked who connects. Where a ZeroMQ cannot, only the mode counts.
  void let_in_own_user() {
    for (const uid_t user : {geteuid(), uid_t{0}}) {
      (void)zmq_setsockopt(socket_.handle(), ZMQ_IPC_FILTER_UID, &user, sizeof user);
    }
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

  Connections connections_;
  zmq::context_t context_;
  zmq::socket_t socket_;
  std::unique_ptr<ConnectionEvents> events_;
  std::unique_ptr<Door> door_;
  std::atomic<std::uint64_t> closed_{0};
  std::uint64_t closed_told_ = 0;
  const char* why_ = "";
  asio::posix::stream_descriptor wakeup_;
  asio::steady_timer look_;
  std::function<void()> on_ready_;
  std::vector<std::string> endpoints_;
  zmq::message_t id_;
  zmq::message_t body_;
};

}  // namespace

Result<std::unique_ptr<RouterSocket>> RouterSocket::open(boost::asio::io_context& io,
                                                         const std::vector<std::string>& listen,
                                                         bool insecure,
                                                         std::shared_ptr<BrokerKeys> keys,
                                                         ConnectionBounds bounds) {
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
  bounds.connections = std::min(bounds.connections, connections_that_fit());
  auto router = std::make_unique<ZmqRouter>(io, bounds);
  SCOPA_RETURN_IF_ERROR(router->open(endpoints, std::move(keys)));
  return std::unique_ptr<RouterSocket>(std::move(router));
}

}  // namespace scopa::server
