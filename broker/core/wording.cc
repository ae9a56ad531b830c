#include "broker/core/wording.h"

#include <cstdio>
#include <string_view>

namespace scopa::core {

std::string number_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

std::string shortened(const std::string& text, std::size_t bytes_max) {
  constexpr std::string_view kGap = " … ";
  if (text.size() <= bytes_max) return text;
  const auto is_inside = [&](std::size_t i) {
    return i < text.size() && (static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U;
  };
  const std::size_t room = bytes_max > kGap.size() ? bytes_max - kGap.size() : 0;
  std::size_t head = room / 4;
  std::size_t tail = text.size() - (room - head);
  // Of what is no UTF-8 at most a few bytes are looked at.
  for (int i = 0; i < 3 && head > 0 && is_inside(head); ++i) --head;
  for (int i = 0; i < 3 && is_inside(tail); ++i) ++tail;
  return text.substr(0, head) + std::string(kGap) + text.substr(tail);
}

}  // namespace scopa::core
