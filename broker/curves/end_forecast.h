#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace scopa::curves {

/// Where a curve stands at some time.
struct Standing {
  double loss = 0;
  double gain = 0;  ///< by how much it fell since an earlier time, the same for all; 0: not known
};

/// A trial that came to the end, and where it stood when it was as old as the one in question.
struct Reference {
  Standing then;
  double end = 0;           ///< its loss at the end
  std::uint64_t trial = 0;  ///< breaks ties
};

/// The loss with which a trial will end.
struct EndForecast {
  double mean = 0;
  double variance = 0;   ///< of the end around the mean
  std::size_t like = 0;  ///< how many references it rests on, k
};

constexpr std::size_t kReferencesMin = 4;
constexpr std::size_t kReferencesMax = 200;  ///< more cost more and tell little; take the newest

/// What trials end with, as those of n references went on that stood alike: the k = max(4, sqrt(n))
/// nearest by loss and gain, each in units of its deviation among the references. Let g_1 ... g_k
/// be what changed with them until the end. Then
///
///     mean = loss + mean(g),  variance = (1 + 1/k) ((k - 1) var(g) + 2 var(g of all n)) / (k + 1)
///
/// the latter because few alike say little of how much they differ. The order of the references
/// plays no part. Immutable. Pure.
class EndForecaster {
 public:
  EndForecaster() = default;  ///< knows nothing
  /// Of more than kReferencesMax the first ones count.
  explicit EndForecaster(std::vector<Reference> references);

  /// Of a trial that stands at `now`. Nothing with fewer than kReferencesMin references, or where
  /// the numbers are too large to be told. O(n).
  std::optional<EndForecast> forecast(const Standing& now) const;

 private:
  double apart(const Standing& a, const Standing& b) const;

  std::vector<Reference> references_;  // by trial
  std::size_t like_ = 0;               // k
  double loss_weight_ = 0, gain_weight_ = 0;
  double variance_of_all_ = 0;
};

}  // namespace scopa::curves
