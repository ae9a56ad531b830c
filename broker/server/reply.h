#pragma once

#include <string>

#include "sdk/wire/messages.h"

namespace scopa::server {

/// Encodes what the broker says. No frame is above the limit that all who read it have: an answer
/// that would be becomes an Error of kResource to the same request.
void encode_reply(const wire::Message& message, std::string* frame);

}  // namespace scopa::server
