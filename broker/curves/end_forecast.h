#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace scopa::curves {

/// A trial that came to the end, and where it stood when it was as old as the one in question.
struct Reference {
  double then = 0;          ///< its loss at that time
  double end = 0;           ///< its loss at the end
  std::uint64_t trial = 0;  ///< breaks ties
};

/// The loss with which a trial will end.
struct EndForecast {
  double mean = 0;
  double variance = 0;   ///< of the end around the mean
  std::size_t like = 0;  ///< how many references it rests on, k
  double freedom() const { return static_cast<double>(like) + 1; }  ///< of the variance
};

/// What a trial whose loss is `loss` now will end with, as those of n references went on that stood
/// alike: of the k = max(4, sqrt(n)) whose loss was nearest, let g_1 ... g_k be what changed until
/// the end. Then
///
///     mean = loss + mean(g),  variance = (1 + 1/k) ((k - 1) var(g) + 2 var(g of all n)) / (k + 1)
///
/// the latter because few alike say little of how much they differ. Nothing with fewer than 4
/// references, or where the numbers are too large to be told. The order of the references plays no
/// part. O(n log n). Pure.
std::optional<EndForecast> forecast_end(double loss, std::span<const Reference> references);

constexpr std::size_t kReferencesMin = 4;
constexpr std::size_t kReferencesMax = 200;  ///< more cost more and tell little; take the newest

}  // namespace scopa::curves
