#pragma once

#include <chrono>
#include <string>

namespace scopa::core {

/// Six digits: "0.1", "1.5e-05".
std::string number_text(double value);

/// As people write it: "12h", "1d6h", "1h30m", "45s", "0.5s".
std::string duration_text(std::chrono::microseconds duration);

}  // namespace scopa::core
