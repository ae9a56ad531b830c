#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sdk/base/status.h"
#include "sdk/wire/messages.h"

namespace scopa::wire {

/// One frame: a MessagePack map with `type` first, then the message's fields.
std::string encode(const Message& message);
/// The same into `frame`, whose room is used again: no allocation once it has grown.
void encode_into(const Message& message, std::string* frame);

/// Reads a frame from a stranger. Sizes, depths and names are checked against limits.h before
/// anything is allocated; a refused frame changes nothing.
///
/// Errors: kInvalidArgument with the field that is wrong; kUnsupported for a type that is not
/// known.
Result<Message> decode(std::string_view frame);

/// The request that a message makes or answers; 0 where it has no such field.
std::uint64_t request_of(const Message& message);

/// The same of a frame that decode() refuses, where it can be read: so that whoever has several
/// requests under way can tell which one failed.
std::uint64_t request_in(std::string_view frame);

}  // namespace scopa::wire
