#include "rehearsal/synthetic.h"

#include <array>
#include <cmath>
#include <numbers>

#include "sdk/base/text.h"

namespace scopa::rehearsal {
namespace {

using std::numbers::pi;

double squared(double x) { return x * x; }

double branin(const std::vector<double>& x) {
  const double curve = x[1] - 5.1 / (4 * pi * pi) * squared(x[0]) + 5 / pi * x[0] - 6;
  return squared(curve) + 10 * (1 - 1 / (8 * pi)) * std::cos(x[0]) + 10;
}

double rosenbrock(const std::vector<double>& x) {
  double sum = 0;
  for (std::size_t i = 0; i + 1 < x.size(); ++i) {
    sum += 100 * squared(x[i + 1] - squared(x[i])) + squared(1 - x[i]);
  }
  return sum;
}

double levy(const std::vector<double>& x) {
  const auto w = [&](std::size_t i) { return 1 + (x[i] - 1) / 4; };
  double sum = squared(std::sin(pi * w(0)));
  for (std::size_t i = 0; i + 1 < x.size(); ++i) {
    sum += squared(w(i) - 1) * (1 + 10 * squared(std::sin(pi * w(i) + 1)));
  }
  const double last = w(x.size() - 1);
  return sum + squared(last - 1) * (1 + squared(std::sin(2 * pi * last)));
}

double hartmann3(const std::vector<double>& x) {
  constexpr std::array<double, 4> kAlpha = {1.0, 1.2, 3.0, 3.2};
  constexpr std::array<std::array<double, 3>, 4> kA = {
      {{3.0, 10, 30}, {0.1, 10, 35}, {3.0, 10, 30}, {0.1, 10, 35}}};
  constexpr std::array<std::array<double, 3>, 4> kP = {{{0.3689, 0.1170, 0.2673},
                                                        {0.4699, 0.4387, 0.7470},
                                                        {0.1091, 0.8732, 0.5547},
                                                        {0.0381, 0.5743, 0.8828}}};
  double sum = 0;
  for (std::size_t i = 0; i < kAlpha.size(); ++i) {
    double distance = 0;
    for (std::size_t j = 0; j < x.size(); ++j) distance += kA[i][j] * squared(x[j] - kP[i][j]);
    sum -= kAlpha[i] * std::exp(-distance);
  }
  return sum;
}

struct Function {
  std::string_view name;
  std::size_t parameters;
  double (*value)(const std::vector<double>&);
};

constexpr std::array<Function, 4> kFunctions = {{{"branin", 2, branin},
                                                 {"rosenbrock4", 4, rosenbrock},
                                                 {"levy8", 8, levy},
                                                 {"hartmann3_noisy", 3, hartmann3}}};

// Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (OOPSLA 2014).
std::uint64_t splitmix64(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

}  // namespace

Result<double> synthetic(std::string_view function, const std::vector<double>& x) {
  for (const Function& each : kFunctions) {
    if (each.name != function) continue;
    if (x.size() != each.parameters) {
      return Status{Code::kInvalidArgument, "`" + std::string(function) + "` has " +
                                                std::to_string(each.parameters) +
                                                " parameters, not " + std::to_string(x.size())};
    }
    return each.value(x);
  }
  return Status{Code::kInvalidArgument,
                "there is no function `" + printable(std::string(function), 64) + "`"};
}

double noise_of(std::uint64_t seed, std::uint64_t number) {
  const std::uint64_t a = splitmix64(seed * 1000003 + number);
  const std::uint64_t b = splitmix64(a);
  const double u1 = (static_cast<double>(a >> 11) + 0.5) * 0x1p-53;
  const double u2 = static_cast<double>(b >> 11) * 0x1p-53;
  return std::sqrt(-2 * std::log(u1)) * std::cos(2 * pi * u2);
}

}  // namespace scopa::rehearsal
