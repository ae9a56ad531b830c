#include "broker/search/kernel_loops.h"

#include <limits>

#include "broker/search/fast_math.h"

namespace scopa::search::loops {
namespace {

constexpr std::size_t kLanes = 8;  // of sums: the compiler may not regroup one

}  // namespace

void add_squares(float x, const float* centre, std::size_t n, float* exponent) {
  for (std::size_t i = 0; i < n; ++i) {
    const float z = x - centre[i];
    exponent[i] += z * z;
  }
}

void add_four_squares(const float (&x)[4], const float* const (&centre)[4], std::size_t n,
                      float* exponent) {
  const float x0 = x[0], x1 = x[1], x2 = x[2], x3 = x[3];
  const float *c0 = centre[0], *c1 = centre[1], *c2 = centre[2], *c3 = centre[3];
  for (std::size_t i = 0; i < n; ++i) {
    const float z0 = x0 - c0[i], z1 = x1 - c1[i], z2 = x2 - c2[i], z3 = x3 - c3[i];
    exponent[i] += (z0 * z0 + z1 * z1) + (z2 * z2 + z3 * z3);
  }
}

void add_squares_if_active(float x, const float* active, const float* centre, const float* cost,
                           std::size_t n, float* exponent) {
  for (std::size_t i = 0; i < n; ++i) {
    const float z = x * active[i] - centre[i];
    exponent[i] += z * z + cost[i];
  }
}

void add_category(float x, const float* category, const CategoryCosts& costs, std::size_t n,
                  float* exponent) {
  const float same = costs.same, other = costs.other, none = costs.none;
  for (std::size_t i = 0; i < n; ++i) {
    const float of_active = category[i] == x ? same : other;
    exponent[i] += category[i] < 0 ? none : of_active;
  }
}

float least(const float* exponent, std::size_t n) {
  float lane[kLanes];
  for (float& each : lane) each = std::numeric_limits<float>::infinity();
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (std::size_t k = 0; k < kLanes; ++k) {
      lane[k] = exponent[i + k] < lane[k] ? exponent[i + k] : lane[k];
    }
  }
  for (; i < n; ++i) lane[0] = exponent[i] < lane[0] ? exponent[i] : lane[0];
  float result = lane[0];
  for (const float each : lane) result = each < result ? each : result;
  return result;
}

float sum_of_exp(float* exponent, float least, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) exponent[i] = exp_of_negative(least - exponent[i]);
  float lane[kLanes] = {};
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (std::size_t k = 0; k < kLanes; ++k) lane[k] += exponent[i + k];
  }
  for (; i < n; ++i) lane[i % kLanes] += exponent[i];
  return ((lane[0] + lane[1]) + (lane[2] + lane[3])) + ((lane[4] + lane[5]) + (lane[6] + lane[7]));
}

void mass_inside(const float* centre, float inverse, std::size_t n, float* inside) {
  for (std::size_t i = 0; i < n; ++i) {
    const float above = (1 - centre[i]) * inverse;
    const float below = centre[i] * inverse;
    inside[i] = 1 - (normal_tail_fast(above) + normal_tail_fast(below));
  }
}

}  // namespace scopa::search::loops
