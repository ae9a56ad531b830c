#include "broker/server/door.h"

#include <spdlog/spdlog.h>
#include <unistd.h>
#include <zmq.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "broker/server/refusals.h"
#include "broker/server/socket_option.h"
#include "sdk/base/limits.h"
#include "sdk/base/log_text.h"
#include "sdk/base/text.h"

namespace scopa::server {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kZapEndpoint = "inproc://zeromq.zap.01";
/// ZMQ_ZAP_ENFORCE_DOMAIN, which zmq.h names only for those who ask for drafts.
constexpr int kZapEnforceDomain = 93;
constexpr int kMessagesPerTurn = 256;
constexpr std::string_view kTcpDomain = "scopa.tcp";
constexpr std::string_view kUnixDomain = "scopa.unix";
/// The User-Id of the broker's own user. No key is so short.
constexpr std::string_view kLocalUser = "local";

Status zmq_failure(const char* what) {
  return {Code::kResource, std::string(what) + ": " + zmq_strerror(zmq_errno())};
}

/// All parts of a message that waits; empty when none does.
std::vector<std::string> receive(void* socket) {
  std::vector<std::string> parts;
  zmq_msg_t part;
  (void)zmq_msg_init(&part);
  do {
    if (zmq_msg_recv(&part, socket, ZMQ_DONTWAIT) < 0) break;
    parts.emplace_back(static_cast<const char*>(zmq_msg_data(&part)), zmq_msg_size(&part));
  } while (zmq_msg_more(&part) != 0);
  (void)zmq_msg_close(&part);
  return parts;
}

/// The uid in libzmq's name for the peer of a unix socket, "localhost:UID:GID:PID", which has it
/// from the kernel.
std::optional<uid_t> peer_uid(std::string_view address) {
  for (int i = 0; i < 2; ++i) {
    const std::size_t colon = address.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    address = address.substr(0, colon);
  }
  const std::size_t colon = address.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  address.remove_prefix(colon + 1);
  uid_t uid = 0;
  const auto [end, error] = std::from_chars(address.data(), address.data() + address.size(), uid);
  if (error != std::errc() || end != address.data() + address.size()) return std::nullopt;
  return uid;
}

}  // namespace

Result<std::shared_ptr<BrokerKeys>> BrokerKeys::open(const std::string& folder) {
  const std::string path = folder + "/keys/server.key";
  std::error_code error;
  if (!std::filesystem::exists(std::filesystem::symlink_status(path, error))) {
    return std::shared_ptr<BrokerKeys>();
  }
  auto keys = std::make_shared<BrokerKeys>();
  SCOPA_ASSIGN_OR_RETURN(keys->own, session::read_secret_file(path));
  if (!keys->own.open.is_server) {
    return Status{Code::kInvalidArgument, "`" + path + "` is the key of a client, not of a broker",
                  "move it away and make one with `scopa keygen --server`"};
  }
  SCOPA_ASSIGN_OR_RETURN(keys->clients, AuthorizedKeys::open(folder + "/authorized_keys.d"));
  return keys;
}

Result<std::shared_ptr<BrokerKeys>> keys_for(const std::string& folder,
                                             const std::vector<std::string>& listen) {
  const bool is_needed = std::any_of(listen.begin(), listen.end(), [](const std::string& each) {
    return each.starts_with("tcp://");
  });
  if (!is_needed) return std::shared_ptr<BrokerKeys>();
  return BrokerKeys::open(folder);
}

/// Answers ZAP requests, and counts handshakes.
class Door::Thread {
 public:
  explicit Thread(AuthorizedKeys* clients) : clients_(clients) {}
  ~Thread() { close(); }

  void close() {
    if (thread_.joinable()) thread_.join();
    if (zap_ != nullptr) (void)zmq_close(std::exchange(zap_, nullptr));
  }

  Status open(void* context) {
    zap_ = zmq_socket(context, ZMQ_REP);
    if (zap_ == nullptr || !set_option(zap_, ZMQ_LINGER, 0) || zmq_bind(zap_, kZapEndpoint) != 0) {
      return zmq_failure("cannot answer who may connect");
    }
    thread_ = std::thread([this] { run(); });
    return Status::ok();
  }

  std::uint64_t refused() const {
    const std::uint64_t let_in = let_in_;  // first: it never overtakes the other
    return accepted_ - let_in + strange_users_;
  }

  /// In the router's thread.
  void noticed(std::uint16_t event, std::string_view endpoint) {
    const bool is_tcp = endpoint.starts_with("tcp://");
    if (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH && !is_tcp) ++strange_users_;
    if (event == ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL) because("no key, or one for another broker");
    if (event == ZMQ_EVENT_ACCEPTED && is_tcp) ++accepted_;
    if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED && is_tcp) ++let_in_;
  }

 private:
  void run() {
    zmq_pollitem_t item{zap_, 0, ZMQ_POLLIN, 0};
    Clock::time_point next_look = Clock::now() + limits::kKeysPoll;
    while (true) {
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(next_look - Clock::now()).count();
      if (zmq_poll(&item, 1, std::max<long>(left, 0)) < 0) {
        if (zmq_errno() == ETERM) return;
        continue;
      }
      take_some(zap_, [this](const auto& parts) { answer(parts); });
      if (Clock::now() < next_look) continue;
      clients_->reload(Clock::now());
      tell();
      next_look = Clock::now() + limits::kKeysPoll;
    }
  }

  /// Not all that waits: a flood on one socket must not starve the other.
  template <class Take>
  static void take_some(void* socket, Take take) {
    for (int i = 0; i < kMessagesPerTurn; ++i) {
      const auto parts = receive(socket);
      if (parts.empty()) return;
      take(parts);
    }
  }

  /// RFC 27: version, request, domain, address, routing id, mechanism, credentials.
  void answer(const std::vector<std::string>& request) {
    std::string user;
    const bool is_whole = request.size() >= 6 && request[0] == "1.0";
    if (is_whole && request[2] == kTcpDomain && request[5] == "CURVE" && request.size() == 7) {
      user = user_of_key(request[6], request[3]);
    } else if (is_whole && request[2] == kUnixDomain && request[5] == "NULL") {
      const auto uid = peer_uid(request[3]);
      if (uid && (*uid == geteuid() || *uid == 0)) user = kLocalUser;
      if (user.empty()) because("another user at the unix socket, " + printable(request[3], 80));
    }
    const std::string_view id = request.size() > 1 ? request[1] : std::string_view();
    const std::array<std::string_view, 6> reply = {
        "1.0", id, user.empty() ? "400" : "200", user.empty() ? "No access" : "OK", user, ""};
    for (std::size_t i = 0; i < reply.size(); ++i) {
      const int flags = i + 1 < reply.size() ? ZMQ_SNDMORE : 0;
      (void)zmq_send(zap_, reply[i].data(), reply[i].size(), flags | ZMQ_DONTWAIT);
    }
  }

  std::string user_of_key(const std::string& bytes, const std::string& address) {
    std::array<char, session::kKeyChars + 1> text{};
    if (bytes.size() != 32 ||
        zmq_z85_encode(text.data(), reinterpret_cast<const std::uint8_t*>(bytes.data()),
                       bytes.size()) == nullptr) {
      return {};
    }
    std::string key(text.data());
    if (clients_->find(key)) return key;
    clients_->reload_if_files_changed(Clock::now());  // it may just have been authorized
    if (clients_->find(key)) return key;
    because("unknown key " + key + " from " + printable(address, 80));
    return {};
  }

  void tell() {
    const std::uint64_t total = refused();
    const std::uint64_t news = refusals_.to_tell(total, Clock::now());
    if (news == 0) return;
    std::string why;
    {
      const std::lock_guard guard(why_mutex_);
      why.swap(why_);
    }
    spdlog::warn("connections refused={} total={} last={}", news, total,
                 in_quotes(why.empty() ? "said nothing that a client says" : why));
  }

  void because(std::string why) {
    const std::lock_guard guard(why_mutex_);
    why_ = std::move(why);
  }

  AuthorizedKeys* clients_;
  void* zap_ = nullptr;
  std::thread thread_;
  std::mutex why_mutex_;
  std::string why_;  // the latest refusal; guarded by why_mutex_
  Refusals refusals_;
  std::atomic<std::uint64_t> accepted_{0};  // connections to tcp endpoints
  std::atomic<std::uint64_t> let_in_{0};    // of them
  std::atomic<std::uint64_t> strange_users_{0};
};

Door::Door(std::shared_ptr<BrokerKeys> keys, std::unique_ptr<Thread> thread)
    : keys_(std::move(keys)), thread_(std::move(thread)) {}
Door::~Door() = default;

Result<std::unique_ptr<Door>> Door::open(void* context, void* router,
                                         std::shared_ptr<BrokerKeys> keys) {
  // With this, a connection that finds nobody to ask is not let in. Where a ZeroMQ does not know
  // it, such a one has no name, and nothing that it sends is taken.
  (void)set_option(router, kZapEnforceDomain, 1);
  auto thread = std::make_unique<Thread>(keys->clients.get());
  SCOPA_RETURN_IF_ERROR(thread->open(context));
  spdlog::info("tcp clients need keys authorized={} broker_key={}", keys->clients->size(),
               keys->own.open.key);
  return std::unique_ptr<Door>(new Door(std::move(keys), std::move(thread)));
}

Status Door::ask_for_keys(void* router) const {
  if (set_option(router, ZMQ_ZAP_DOMAIN, kTcpDomain) && set_option(router, ZMQ_CURVE_SERVER, 1) &&
      zmq_setsockopt(router, ZMQ_CURVE_SECRETKEY, keys_->own.secret.text(),
                     session::kKeyChars + 1) == 0) {
    return Status::ok();
  }
  return {Code::kUnsupported, "this ZeroMQ was built without CURVE",
          "install a libzmq that has it (Debian's and Ubuntu's have)"};
}

Status Door::ask_for_user(void* router) const {
  if (set_option(router, ZMQ_CURVE_SERVER, 0) && set_option(router, ZMQ_ZAP_DOMAIN, kUnixDomain)) {
    return Status::ok();
  }
  return zmq_failure("cannot ask who connects");
}

void Door::noticed(std::uint16_t event, std::string_view endpoint) {
  thread_->noticed(event, endpoint);
}

void Door::close() { thread_->close(); }

Sender Door::sender(std::string_view user) const {
  if (user == kLocalUser) return {"", session::Role::kAdmin};
  const auto client = keys_->clients->find(user);
  return client ? Sender{client->name, client->role} : Sender{};
}

std::uint64_t Door::refused() const { return thread_->refused(); }

}  // namespace scopa::server
