#pragma once

#include <cstddef>

/// The loops over the members of a Mixture, where a suggestion spends its time: single precision,
/// one pass each, written so that compilers use vectors. Elementwise operations and sums in a fixed
/// order: the same bits on every processor. Internal to this folder.
namespace scopa::search::loops {

/// exponent[i] += (x - centre[i])^2
void add_squares(float x, const float* centre, std::size_t n, float* exponent);

/// ... of four parameters at once, which reads and writes the exponents a quarter as often.
void add_four_squares(const float (&x)[4], const float* const (&centre)[4], std::size_t n,
                      float* exponent);

/// exponent[i] += (x * active[i] - centre[i])^2 + cost[i]
void add_squares_if_active(float x, const float* active, const float* centre, const float* cost,
                           std::size_t n, float* exponent);

/// exponent[i] += the cost of a category that is `same` as x, another, or none (< 0).
struct CategoryCosts {
  float same = 0, other = 0, none = 0;
};
void add_category(float x, const float* category, const CategoryCosts& costs, std::size_t n,
                  float* exponent);

/// The least exponent; +infinity of none.
float least(const float* exponent, std::size_t n);

/// sum_i exp(least - exponent[i]), to about 1e-6 of it. Each exponent becomes its term.
float sum_of_exp(float* exponent, float least, std::size_t n);

/// inside[i]: the share inside [0, 1] of a normal density of width 1 / inverse around centre[i],
/// which lies there; to about 1e-6.
void mass_inside(const float* centre, float inverse, std::size_t n, float* inside);

}  // namespace scopa::search::loops
