#include "cli/connect.h"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "broker/server/broker.h"
#include "sdk/session/client.h"

namespace scopa::cli {
namespace {

using std::chrono::milliseconds;

class BrokerLink : public Link {
 public:
  BrokerLink(std::unique_ptr<session::Client> client, std::string endpoint)
      : client_(std::move(client)), endpoint_(std::move(endpoint)) {}
  Result<wire::Message> request(wire::Message message, milliseconds timeout) override {
    return client_->request(std::move(message), timeout);
  }
  const std::string& place() const override { return endpoint_; }
  bool is_broker() const override { return true; }

 private:
  std::unique_ptr<session::Client> client_;
  std::string endpoint_;
};

class FolderLink : public Link {
 public:
  FolderLink(std::unique_ptr<server::Offline> store, std::string folder)
      : store_(std::move(store)), folder_(std::move(folder)) {}
  Result<wire::Message> request(wire::Message message, milliseconds) override {
    return store_->request(message);
  }
  const std::string& place() const override { return folder_; }
  bool is_broker() const override { return false; }

 private:
  std::unique_ptr<server::Offline> store_;
  std::string folder_;
};

/// Connects with a deadline; the descriptor is closed again.
bool can_connect(int family, const sockaddr* address, socklen_t size, milliseconds timeout) {
  const int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  bool connected = connect(fd, address, size) == 0;
  if (!connected && (errno == EINPROGRESS || errno == EAGAIN)) {
    pollfd waiting{fd, POLLOUT, 0};
    int error = 0;
    socklen_t length = sizeof error;
    connected = poll(&waiting, 1, static_cast<int>(timeout.count())) == 1 &&
                getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == 0;
  }
  close(fd);
  return connected;
}

bool accepts_ipc(const std::string& path, milliseconds timeout) {
  sockaddr_un address{};
  if (path.empty() || path.size() >= sizeof address.sun_path) return false;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return can_connect(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof address, timeout);
}

bool accepts_tcp(const std::string& host_port, milliseconds timeout) {
  const std::size_t colon = host_port.rfind(':');
  if (colon == std::string::npos) return false;
  std::string host = host_port.substr(0, colon);
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), host_port.c_str() + colon + 1, &hints, &found) != 0) return false;
  bool connected = false;
  for (const addrinfo* a = found; a != nullptr && !connected; a = a->ai_next) {
    connected = can_connect(a->ai_family, a->ai_addr, a->ai_addrlen, timeout);
  }
  freeaddrinfo(found);
  return connected;
}

bool has_store(const std::string& folder) {
  std::error_code ignored;
  return std::filesystem::is_directory(folder + "/store", ignored);
}

std::string given_url(const Context& context) {
  if (!context.globals.url.empty()) return context.globals.url;
  const char* url = std::getenv("SCOPA_URL");
  return url == nullptr ? std::string() : std::string(url);
}

/// `tried` is empty when a broker was found.
struct Search {
  std::unique_ptr<Link> link;
  std::string tried;
  Status failure;  // of a broker that is there but will not talk to us
};

Search find_broker(const std::vector<std::string>& candidates) {
  Search search;
  for (const std::string& endpoint : candidates) {
    if (accepts(endpoint, milliseconds(2000))) {
      Result<std::unique_ptr<Link>> link = connect_to(endpoint);
      if (link) {
        search.link = std::move(*link);
        return search;
      }
      search.failure = link.status();
    }
    search.tried += (search.tried.empty() ? "" : ", ") + endpoint;
  }
  return search;
}

std::vector<std::string> candidates(const Context& context, bool with_default) {
  if (const std::string url = given_url(context); !url.empty()) return {url};
  std::vector<std::string> all = recorded_endpoints(context.folder());
  if (with_default && context.globals.dir.empty()) all.emplace_back(kDefaultEndpoint);
  return all;
}

Status bad_endpoint(const std::string& url) {
  return {Code::kInvalidArgument, "`" + url + "` is no endpoint",
          "endpoints look like `tcp://host:7654` or `ipc:///path/to/broker.sock`"};
}

Status nobody(const Context& context, const Search& search) {
  const std::string url = given_url(context);
  if (search.tried.empty()) {
    return {
        Code::kUnavailable, "no broker and no store in `" + context.folder() + "`",
        "`scopa broker --dir " + context.folder() + "` starts one; `scopa run FILE` needs none"};
  }
  const bool ipc = url.rfind("ipc://", 0) == 0;
  const std::string how =
      url.empty() || ipc ? "`scopa broker`" : "`scopa broker --listen " + url + "`";
  return {Code::kUnavailable, "no broker answers at " + search.tried,
          "start one with " + how + (url.empty() ? ", or name it with --url or SCOPA_URL" : "")};
}

bool is_endpoint(const std::string& url) {
  return url.rfind("tcp://", 0) == 0 || url.rfind("ipc://", 0) == 0;
}

}  // namespace

bool accepts(const std::string& endpoint, milliseconds timeout) {
  if (endpoint.rfind("ipc://", 0) == 0) return accepts_ipc(endpoint.substr(6), timeout);
  if (endpoint.rfind("tcp://", 0) == 0) return accepts_tcp(endpoint.substr(6), timeout);
  return false;
}

std::vector<std::string> recorded_endpoints(const std::string& folder) {
  std::vector<std::string> endpoints;
  std::ifstream file(folder + "/endpoint");
  std::string line;
  while (endpoints.size() < 16 && std::getline(file, line)) {
    if (is_endpoint(line)) endpoints.push_back(line);
  }
  return endpoints;
}

Result<std::unique_ptr<Link>> connect_to(const std::string& endpoint) {
  SCOPA_ASSIGN_OR_RETURN(auto client, session::Client::connect(endpoint));
  return std::unique_ptr<Link>(std::make_unique<BrokerLink>(std::move(client), endpoint));
}

Result<std::unique_ptr<Link>> connect_broker(const Context& context) {
  const std::string url = given_url(context);
  if (!url.empty() && !is_endpoint(url)) return bad_endpoint(url);
  Search search = find_broker(candidates(context, true));
  if (search.link) return std::move(search.link);
  if (!search.failure) return search.failure;
  return nobody(context, search);
}

Result<std::unique_ptr<Link>> connect(const Context& context, Access access) {
  const std::string url = given_url(context);
  if (!url.empty() || !has_store(context.folder())) return connect_broker(context);
  Search search = find_broker(candidates(context, false));
  if (search.link) return std::move(search.link);
  if (!search.failure) return search.failure;
  const auto mode =
      access == Access::kRead ? store::OpenMode::kReadOnly : store::OpenMode::kReadWrite;
  SCOPA_ASSIGN_OR_RETURN(auto store, server::Offline::open(context.folder(), mode));
  return std::unique_ptr<Link>(std::make_unique<FolderLink>(std::move(store), context.folder()));
}

}  // namespace scopa::cli
