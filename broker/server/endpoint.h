#pragma once

#include <string>

#include "sdk/base/status.h"

namespace scopa::server {

/// What the broker may listen on, checked and as ZeroMQ wants it.
struct Endpoint {
  std::string text;  ///< as it was given, for messages
  std::string bind;  ///< for zmq_bind; localhost has become 127.0.0.1
  std::string path;  ///< of the socket, for ipc
  std::string port;  ///< for tcp; "*" lets the system choose
  bool is_ipv6 = false;
  bool is_local = true;  ///< nobody on another machine can reach it
};

/// Errors: kInvalidArgument for what is no endpoint and for a socket path that is too long.
Result<Endpoint> parse_endpoint(const std::string& text);

/// Removes the socket file that a dead broker left at `endpoint.path`. ZeroMQ would also remove
/// that of a living one, and take its place without a word. Errors: kConflict when someone listens
/// there or the file is not a socket; kResource when its folder is not there.
Status clear_stale_socket(const Endpoint& endpoint);

/// `bound`, which ZeroMQ says it has bound, as clients can use it: what listens on all addresses is
/// reached by the name of the machine, `host`, and by none of 0.0.0.0 and [::] from elsewhere.
std::string advertised(const std::string& bound, const std::string& host);

/// zmq_bind's errno as an error with a remedy.
Status bind_error(const Endpoint& endpoint, int error);

}  // namespace scopa::server
