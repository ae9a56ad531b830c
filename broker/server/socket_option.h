#pragma once

#include <zmq.h>

#include <string_view>

namespace scopa::server {

/// Sets an option of a ZeroMQ socket; false where ZeroMQ refuses it, and zmq_errno() says why.
inline bool set_option(void* socket, int option, int value) {
  return zmq_setsockopt(socket, option, &value, sizeof value) == 0;
}
inline bool set_option(void* socket, int option, std::string_view value) {
  return zmq_setsockopt(socket, option, value.data(), value.size()) == 0;
}

}  // namespace scopa::server
