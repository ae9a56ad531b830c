#include "broker/search/sobol.h"

#include <boost/random/sobol.hpp>

namespace scopa::search {
namespace {

std::uint32_t reversed(std::uint32_t x) {
  x = (x >> 16) | (x << 16);
  x = ((x & 0x00ff00ffU) << 8) | ((x & 0xff00ff00U) >> 8);
  x = ((x & 0x0f0f0f0fU) << 4) | ((x & 0xf0f0f0f0U) >> 4);
  x = ((x & 0x33333333U) << 2) | ((x & 0xccccccccU) >> 2);
  return ((x & 0x55555555U) << 1) | ((x & 0xaaaaaaaaU) >> 1);
}

// A hash whose every bit depends on lower bits alone: reversed, on those above it (Burley, listing
// 1).
std::uint32_t laine_karras(std::uint32_t x, std::uint32_t key) {
  x += key;
  x ^= x * 0x6c50b47cU;
  x ^= x * 0xb82f1e52U;
  x ^= x * 0xc7afe638U;
  x ^= x * 0x8d22f6e6U;
  return x;
}

}  // namespace

Sobol::Sobol(std::size_t dimensions) : dimensions_(dimensions) {}

std::vector<std::uint32_t> Sobol::point(std::uint32_t index,
                                        const std::vector<std::uint32_t>& keys) const {
  std::vector<std::uint32_t> point(dimensions_, 0);
  if (index > 0 && dimensions_ > 0) {
    // Its sequence begins after the origin.
    boost::random::sobol_engine<std::uint32_t, kBits> engine(dimensions_);
    engine.seed(index - 1);
    for (std::uint32_t& x : point) x = engine();
  }
  for (std::size_t j = 0; j < dimensions_; ++j) {
    point[j] = reversed(laine_karras(reversed(point[j]), keys[j]));
  }
  return point;
}

}  // namespace scopa::search
