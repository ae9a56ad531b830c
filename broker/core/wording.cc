#include "broker/core/wording.h"

#include <cstdio>

namespace scopa::core {

std::string number_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

}  // namespace scopa::core
