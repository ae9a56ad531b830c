#pragma once

#include <optional>
#include <string_view>

#include "sdk/base/value.h"

namespace scopa {

/// Reads what to_json(const Params&) writes: one JSON object, in its order. Nothing where it is
/// none.
std::optional<Params> parse_params(std::string_view json);

}  // namespace scopa
