#pragma once

#include <string>
#include <string_view>

namespace scopa::core {

/// Six digits: "0.1", "1.5e-05".
std::string number_text(double value);

/// Reasons that a replay knows again.
inline constexpr std::string_view kStoppedByUser = "stopped by user";
inline constexpr std::string_view kSweepCancelled = "sweep cancelled";

}  // namespace scopa::core
