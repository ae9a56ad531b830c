#pragma once

#include <string_view>

#include "sdk/base/states.h"
#include "sdk/base/status.h"

namespace scopa::session {

/// What the last lines of a program that failed, or the text of its exception, tell of the cause:
/// kOom where memory of the host or of a device ran out, kNode where the machine is to blame (no
/// usable GPU, uncorrectable memory errors, a full or broken disk), else kNone. When several lines
/// tell something, the last one counts: what comes first is often what a library tried before.
Cause cause_in_text(std::string_view text);

/// Of a trainer that could not be started: kUserError when the command is to blame (kNotFound,
/// kInvalidArgument), else kNode.
Cause cause_of_start_failure(const Status& status);

}  // namespace scopa::session
