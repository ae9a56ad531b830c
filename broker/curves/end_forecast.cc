#include "broker/curves/end_forecast.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace scopa::curves {
namespace {

constexpr double kWeightOfAll = 2;  // in degrees of freedom

struct Spread {
  double mean = 0;
  double variance = 0;
};

template <class Each>
Spread spread_of(std::size_t n, const Each& each) {
  Spread spread;
  const auto count = static_cast<double>(n);
  for (std::size_t i = 0; i < n; ++i) spread.mean += each(i) / count;
  for (std::size_t i = 0; i < n; ++i) {
    const double apart = each(i) - spread.mean;
    spread.variance += apart * apart / (count - 1);
  }
  return spread;
}

double change_of(const Reference& reference) { return reference.end - reference.then.loss; }

/// By which squared differences count; nothing where all are the same.
double weight_of(double variance) { return variance > 0 ? 1 / variance : 0; }

}  // namespace

EndForecaster::EndForecaster(std::vector<Reference> references)
    : references_(std::move(references)) {
  if (references_.size() > kReferencesMax) references_.resize(kReferencesMax);
  const std::size_t n = references_.size();
  like_ = std::max(kReferencesMin, static_cast<std::size_t>(std::sqrt(static_cast<double>(n))));
  std::sort(references_.begin(), references_.end(),
            [](const Reference& a, const Reference& b) { return a.trial < b.trial; });
  const auto loss = [&](std::size_t i) { return references_[i].then.loss; };
  const auto gain = [&](std::size_t i) { return references_[i].then.gain; };
  const auto change = [&](std::size_t i) { return change_of(references_[i]); };
  loss_weight_ = weight_of(spread_of(n, loss).variance);
  gain_weight_ = weight_of(spread_of(n, gain).variance);
  variance_of_all_ = spread_of(n, change).variance;
}

double EndForecaster::apart(const Standing& a, const Standing& b) const {
  const double loss = a.loss - b.loss;
  const double gain = a.gain - b.gain;
  return loss_weight_ * loss * loss + gain_weight_ * gain * gain;
}

std::optional<EndForecast> EndForecaster::forecast(const Standing& now) const {
  if (references_.size() < kReferencesMin) return {};
  struct Like {
    double apart = 0;
    std::size_t index = 0;
    bool operator<(const Like& other) const {
      return apart != other.apart ? apart < other.apart : index < other.index;
    }
  };
  std::array<Like, kReferencesMax> likes;
  for (std::size_t i = 0; i < references_.size(); ++i) {
    likes[i] = {apart(now, references_[i].then), i};
    if (std::isnan(likes[i].apart)) return {};
  }
  const auto end = likes.begin() + static_cast<std::ptrdiff_t>(references_.size());
  std::partial_sort(likes.begin(), likes.begin() + static_cast<std::ptrdiff_t>(like_), end);
  const Spread near =
      spread_of(like_, [&](std::size_t k) { return change_of(references_[likes[k].index]); });
  const auto count = static_cast<double>(like_);
  EndForecast forecast;
  forecast.like = like_;
  forecast.mean = now.loss + near.mean;
  forecast.variance = (1 + 1 / count) *
                      ((count - 1) * near.variance + kWeightOfAll * variance_of_all_) /
                      (count - 1 + kWeightOfAll);
  if (!std::isfinite(forecast.mean) || !std::isfinite(forecast.variance)) return {};
  return forecast;
}

}  // namespace scopa::curves
