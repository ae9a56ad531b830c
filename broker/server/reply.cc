#include "broker/server/reply.h"

#include <spdlog/spdlog.h>

#include "broker/server/rebuild.h"
#include "sdk/base/limits.h"
#include "sdk/wire/codec.h"

namespace scopa::server {

void encode_reply(const wire::Message& message, std::string* frame) {
  wire::encode_into(message, frame);
  if (frame->size() <= limits::kFrameBytesMax) return;
  spdlog::warn("answer too large type={} bytes={}", wire::type_of(message), frame->size());
  const std::string what(wire::type_of(message));
  const Status status{Code::kResource,
                      "the answer `" + what + "` would have " + std::to_string(frame->size()) +
                          " bytes, more than the " + std::to_string(limits::kFrameBytesMax) +
                          " that a message may have",
                      "ask for less at once"};
  wire::encode_into(error_reply(wire::request_of(message), status), frame);
}

}  // namespace scopa::server
