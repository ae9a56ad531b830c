#pragma once

namespace scopa::search {

/// 2^53: every integer up to here is a double.
inline constexpr double kExactMax = 9007199254740992.0;

}  // namespace scopa::search
