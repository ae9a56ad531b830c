#include "broker/pruning/wording.h"

#include <cstdio>

namespace scopa::pruning {

std::string number_text(double x, int digits) {
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, "%.*g", digits, x);
  return buffer;
}

std::pair<std::string, std::string> numbers_apart(double a, double b) {
  int digits = 5;
  while (digits < 17 && a != b && number_text(a, digits) == number_text(b, digits)) ++digits;
  return {number_text(a, digits), number_text(b, digits)};
}

std::string share_text(double eta) {
  if (eta == 2) return "half";
  if (eta == 3) return "third";
  if (eta == 4) return "quarter";
  return "1/" + number_text(eta);
}

std::string count_text(std::size_t n, const std::string& noun) {
  return std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
}

}  // namespace scopa::pruning
