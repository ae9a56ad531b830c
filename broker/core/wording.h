#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace scopa::core {

/// Six digits: "0.1", "1.5e-05".
std::string number_text(double value);

/// `text` in at most `bytes_max`: its first quarter and its end, where error texts say most, with
/// "…" between them. A character of UTF-8 is not cut.
std::string shortened(const std::string& text, std::size_t bytes_max);

/// Reasons that a replay knows again.
inline constexpr std::string_view kStoppedByUser = "stopped by user";
inline constexpr std::string_view kSweepCancelled = "sweep cancelled";

}  // namespace scopa::core
