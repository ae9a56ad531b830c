#include "broker/curves/end_forecast.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace scopa::curves {
namespace {

constexpr double kWeightOfAll = 2;  // in degrees of freedom

struct Like {
  double distance = 0;
  std::uint64_t trial = 0;
  double gain = 0;
  bool operator<(const Like& other) const {
    return distance != other.distance ? distance < other.distance : trial < other.trial;
  }
};

struct Spread {
  double mean = 0;
  double variance = 0;
};

Spread spread_of(std::span<const Like> likes) {
  Spread spread;
  const auto n = static_cast<double>(likes.size());
  for (const Like& like : likes) spread.mean += like.gain / n;
  for (const Like& like : likes) {
    spread.variance += (like.gain - spread.mean) * (like.gain - spread.mean) / (n - 1);
  }
  return spread;
}

}  // namespace

std::optional<EndForecast> forecast_end(double loss, std::span<const Reference> references) {
  const std::size_t n = references.size();
  const std::size_t k =
      std::max(kReferencesMin, static_cast<std::size_t>(std::sqrt(static_cast<double>(n))));
  if (n < k) return {};
  std::vector<Like> likes;
  likes.reserve(n);
  for (const Reference& reference : references) {
    likes.push_back(
        {std::abs(reference.then - loss), reference.trial, reference.end - reference.then});
  }
  std::sort(likes.begin(), likes.end());
  const Spread all = spread_of(likes);
  const Spread near = spread_of(std::span(likes).first(k));
  const auto count = static_cast<double>(k);
  EndForecast forecast;
  forecast.like = k;
  forecast.mean = loss + near.mean;
  forecast.variance = (1 + 1 / count) *
                      ((count - 1) * near.variance + kWeightOfAll * all.variance) /
                      (count - 1 + kWeightOfAll);
  if (!std::isfinite(forecast.mean) || !std::isfinite(forecast.variance)) return {};
  return forecast;
}

}  // namespace scopa::curves
