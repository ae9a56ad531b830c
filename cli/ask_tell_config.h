#pragma once

#include <cstdint>
#include <string>

#include "sdk/base/status.h"

namespace scopa::cli {

/// The sweep file that an `init` request of ask-tell stands for: its `config`, in which
/// `conditions` have become `when` keys of their parameters, `steps` the `max_steps`, `seed` (of
/// the request, else what the config has, else the `seed` here) the seed, and nothing is retried.
/// `request` is the whole request, a JSON object. Errors: kInvalidArgument for a key of the request
/// that is wrong; what the config itself has wrong is found when it is parsed.
Result<std::string> ask_tell_spec(const std::string& request, std::uint64_t seed);

}  // namespace scopa::cli
