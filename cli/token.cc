#include "cli/token.h"

#include <random>

namespace scopa::cli {

std::string random_token() {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::random_device device;
  std::string token;
  for (int word = 0; word < 4; ++word) {
    unsigned bits = device();
    for (int i = 0; i < 8; ++i, bits >>= 4) token += kDigits[bits & 15];
  }
  return token;
}

}  // namespace scopa::cli
