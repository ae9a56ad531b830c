#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace scopa::search {

/// A scrambled Sobol sequence: points of the unit cube that fill it more evenly than random ones.
/// Of any 2^m points from a multiple of 2^m on, each coordinate has one in each 2^m-th of [0, 1).
///
/// Sobol 1967, with the direction numbers of Joe and Kuo ("Constructing Sobol sequences with better
/// two-dimensional projections", SIAM J. Sci. Comput. 2008, as Boost.Random has them); scrambled as
/// Owen does (nested and uniform: evenness stays, and each point by itself is uniform), by the hash
/// of Burley, "Practical hash-based Owen scrambling" (JCGT 2020). Coordinates with the same index
/// and key are the same. Thread-safe.
class Sobol {
 public:
  static constexpr int kBits = 32;

  explicit Sobol(std::size_t dimensions);

  /// Coordinates of point `index` as multiples of 2^-32, each scrambled by its key.
  /// `keys`: one for each dimension.
  std::vector<std::uint32_t> point(std::uint32_t index,
                                   const std::vector<std::uint32_t>& keys) const;

 private:
  std::size_t dimensions_;
};

}  // namespace scopa::search
