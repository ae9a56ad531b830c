#include "broker/server/endpoint.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <utility>

#include "sdk/base/text.h"

namespace scopa::server {
namespace {

constexpr std::string_view kTcp = "tcp://";
constexpr std::string_view kIpc = "ipc://";
constexpr std::size_t kPathBytesMax = sizeof(sockaddr_un::sun_path) - 1;

Status no_endpoint(const std::string& text, const std::string& why) {
  return {Code::kInvalidArgument,
          "`" + printable(text, 200) + "` is not an endpoint to listen on: " + why,
          "write tcp://127.0.0.1:7654, tcp://127.0.0.1:* for any free port, or ipc://PATH"};
}

bool is_port(std::string_view port) {
  if (port == "*") return true;
  if (port.empty() || port.size() > 5) return false;
  if (port.find_first_not_of("0123456789") != std::string_view::npos) return false;
  const int number = std::stoi(std::string(port));
  return number > 0 && number <= 65535;
}

bool is_loopback(const std::string& host) {
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6{};
  return inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

Result<Endpoint> parse_tcp(const std::string& text) {
  const std::string address = text.substr(kTcp.size());
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos) return no_endpoint(text, "the port is missing");
  std::string host = address.substr(0, colon);
  Endpoint endpoint;
  endpoint.text = text;
  endpoint.port = address.substr(colon + 1);
  if (host.empty()) return no_endpoint(text, "the address is missing");
  if (!is_port(endpoint.port)) return no_endpoint(text, "the port is not 1 to 65535 or *");
  if (host == "localhost") host = "127.0.0.1";
  if (host.front() == '[' && host.back() == ']') {
    endpoint.is_ipv6 = true;
    endpoint.is_local = is_loopback(host.substr(1, host.size() - 2));
  } else {
    endpoint.is_ipv6 = host.find(':') != std::string::npos;
    endpoint.is_local = is_loopback(host);
    if (endpoint.is_ipv6) host = "[" + host + "]";
  }
  endpoint.bind = std::string(kTcp) + host + ":" + endpoint.port;
  return endpoint;
}

Result<Endpoint> parse_ipc(const std::string& text) {
  Endpoint endpoint;
  endpoint.text = text;
  endpoint.bind = text;
  endpoint.path = text.substr(kIpc.size());
  if (endpoint.path.empty()) return no_endpoint(text, "the path is missing");
  if (endpoint.path.size() > kPathBytesMax) {
    return Status{Code::kInvalidArgument,
                  "the socket path `" + printable(endpoint.path, 200) + "` has " +
                      std::to_string(endpoint.path.size()) + " bytes; the system allows " +
                      std::to_string(kPathBytesMax),
                  "choose a shorter folder, or listen on tcp://127.0.0.1:* instead"};
  }
  return endpoint;
}

/// Whether a process listens on the socket at `path`.
bool is_alive(const std::string& path) {
  const int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (probe < 0) return true;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), std::min(path.size(), kPathBytesMax));
  const int result = connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const int error = errno;
  close(probe);
  return result == 0 || error != ECONNREFUSED;
}

}  // namespace

Result<Endpoint> parse_endpoint(const std::string& text) {
  if (text.starts_with(kTcp)) return parse_tcp(text);
  if (text.starts_with(kIpc)) return parse_ipc(text);
  return no_endpoint(text, "it begins with neither tcp:// nor ipc://");
}

Status clear_stale_socket(const Endpoint& endpoint) {
  if (endpoint.path.empty() || endpoint.path.front() == '@') return Status::ok();
  struct stat info {};
  if (lstat(endpoint.path.c_str(), &info) != 0) {
    const auto folder = std::filesystem::path(endpoint.path).parent_path();
    std::error_code error;
    if (!folder.empty() && !std::filesystem::is_directory(folder, error)) {
      return {Code::kResource, "cannot listen on " + printable(endpoint.text) + ": the folder `" +
                                   printable(folder.string()) + "` is not there"};
    }
    return Status::ok();
  }
  if (!S_ISSOCK(info.st_mode)) {
    return {Code::kConflict,
            "cannot listen on " + printable(endpoint.text) + ": a file that is no socket is there",
            "remove it or choose another path"};
  }
  if (is_alive(endpoint.path)) return bind_error(endpoint, EADDRINUSE);
  if (unlink(endpoint.path.c_str()) != 0) return bind_error(endpoint, errno);
  return Status::ok();
}

std::string advertised(const std::string& bound, const std::string& host) {
  for (const std::string_view all : {"tcp://0.0.0.0:", "tcp://[::]:", "tcp://*:"}) {
    if (bound.starts_with(all)) {
      return std::string(kTcp) + host + ":" + bound.substr(all.size());
    }
  }
  return bound;
}

Status bind_error(const Endpoint& endpoint, int error) {
  const std::string prefix = "cannot listen on " + printable(endpoint.text) + ": ";
  if (error == EADDRINUSE) {
    const bool is_tcp = endpoint.path.empty();
    return {Code::kConflict, prefix + "it is in use",
            is_tcp ? "`ss -ltnp 'sport = :" + endpoint.port +
                         "'` shows by whom; or listen on another port, or on any: `*`"
                   : "a broker serves there already; talk to it, or choose another path"};
  }
  const std::string why = std::strerror(error);
  if (error == EACCES || error == EPERM) {
    return {Code::kResource, prefix + why, "choose a port above 1023 or a folder of your own"};
  }
  if (error == ENODEV || error == EADDRNOTAVAIL || error == EINVAL) {
    return {Code::kInvalidArgument, prefix + "this machine has no such address",
            "`ip -brief address` lists those that it has"};
  }
  return {Code::kResource, prefix + why};
}

}  // namespace scopa::server
