#pragma once

#include <string>

namespace scopa::core {

/// Six digits: "0.1", "1.5e-05".
std::string number_text(double value);

}  // namespace scopa::core
