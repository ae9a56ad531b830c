#include <algorithm>
#include <cctype>
#include <cmath>

#include "broker/lint/facts.h"
#include "broker/lint/numbers.h"

namespace scopa::lint {
namespace {

using spec::Distribution;
using spec::DistributionKind;

constexpr double kDecades = 2;  // from here a name that lives on a log scale is remarked on
constexpr double kDecadesAnyName = 3;
constexpr double kRateMax = 1;  // above it few learning rates are sound
constexpr double kAdamRateMax = 0.1;

bool is_linear(DistributionKind kind) {
  return kind == DistributionKind::kUniform || kind == DistributionKind::kQUniform ||
         kind == DistributionKind::kIntUniform;
}

bool has_value_bounds(DistributionKind kind) {
  return is_linear(kind) || kind == DistributionKind::kLogUniformValues ||
         kind == DistributionKind::kQLogUniformValues ||
         kind == DistributionKind::kInvLogUniformValues;
}

/// Draws any real of its range.
bool is_continuous(DistributionKind kind) {
  switch (kind) {
    case DistributionKind::kUniform:
    case DistributionKind::kLogUniform:
    case DistributionKind::kLogUniformValues:
    case DistributionKind::kInvLogUniform:
    case DistributionKind::kInvLogUniformValues:
    case DistributionKind::kNormal:
    case DistributionKind::kLogNormal:
      return true;
    default:
      return false;
  }
}

/// "lr: {distribution: log_uniform_values, min: 1e-5, max: 0.1}"
std::string range_text(const std::string& key, const std::string& kind, double min, double max,
                       double q = 0) {
  return "`" + key + ": {distribution: " + kind + ", min: " + yaml_number(min) +
         ", max: " + yaml_number(max) + (q > 0 ? ", q: " + yaml_number(q) : "") + "}`";
}

std::string log_text(const Facts& f, std::size_t i, double min, double max) {
  const Distribution& d = f.distribution(i);
  if (d.kind == DistributionKind::kUniform) {
    return range_text(f.key(i), "log_uniform_values", min, max);
  }
  const double q = d.kind == DistributionKind::kQUniform ? d.q : 1;
  return range_text(f.key(i), "q_log_uniform_values", min, max, q);
}

/// How much of a uniform range lies in its highest tenth part of a decade and above: "90 %".
std::string share_above(double min, double max, double from) {
  return rough(std::floor(100 * (max - from) / (max - min))) + " %";
}

void add_linear(const Facts& f, std::size_t i, double low, Remarks* remarks) {
  const Distribution& d = f.distribution(i);
  const double from = d.max / 10;
  const std::string spans =
      d.min > 0 ? " over " + rough(std::round(10 * decades(d.min, d.max)) / 10) + " decades"
                : " from " + yaml_number(d.min);
  remarks->add(Rule::kLinearOverDecades, f.path(i, "distribution"),
               "`" + f.name(i) + "` is " +
                   (d.kind == DistributionKind::kUniform ? "uniform" : "evenly spread") + spans +
                   ": " + share_above(d.min, d.max, from) + " of its values are above " +
                   yaml_number(from),
               "write " + log_text(f, i, low, d.max) + ", where each decade gets its share");
}

// A rate or a weight decay whose range begins at 0 has no lowest decade; four of them are plenty.
double suggested_low(const Meaning& m, const Distribution& d) {
  if (d.min > 0) return d.min;
  return round_down_nicely(d.max * (m.learning_rate ? 1e-3 : 1e-4));
}

void check_linear(const Facts& f, std::size_t i, Remarks* remarks) {
  const Distribution& d = f.distribution(i);
  const Meaning& m = f.meaning[i];
  if (!is_linear(d.kind) || !(d.max > 0) || m.share || m.seed || d.min < 0) return;
  if (d.min == 0) {
    // A grid takes no log distribution: there the step decides, and its own rules apply.
    const bool spans = (m.learning_rate || m.weight_decay) && d.max <= 1 &&
                       (d.kind != DistributionKind::kQUniform || d.max / d.q >= 100);
    if (spans) add_linear(f, i, suggested_low(m, d), remarks);
    return;
  }
  const double span = decades(d.min, d.max) + 1e-9;
  const bool by_name = m.scale || m.size;
  const bool by_range = d.kind == DistributionKind::kUniform && span >= kDecadesAnyName;
  if ((by_name && span >= kDecades) || by_range) add_linear(f, i, d.min, remarks);
}

/// What a user who writes `min: -5, max: -1` for a rate means.
bool are_powers_of_ten(const Distribution& d) {
  return d.kind != DistributionKind::kNormal && d.min < 0 && d.max <= 0 && d.min >= -12 &&
         d.max - d.min >= 1;
}

/// Adam and those that scale their steps as it does diverge far below 1; other trainers want more.
bool names_adam(const Facts& f) {
  const auto is_adam = [](const Value& value) {
    const auto* text = std::get_if<std::string>(&value);
    if (text == nullptr) return false;
    std::string lower(*text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return lower.find("adam") != std::string::npos || lower == "lion" || lower == "lamb" ||
           lower == "rmsprop";
  };
  return std::any_of(f.spec.parameters.begin(), f.spec.parameters.end(), [&](const auto& p) {
    const auto& values = p.distribution.values;
    return std::any_of(values.begin(), values.end(), is_adam);
  });
}

void check_high_rate(const Facts& f, std::size_t i, Remarks* remarks) {
  const Distribution& d = f.distribution(i);
  const std::string is =
      "`" + f.name(i) + "` goes up to " + yaml_number(d.max) + ", where a training ";
  const double min = d.min > 0 && d.min < kAdamRateMax ? d.min : 1e-4;
  const std::string lower =
      "write " + range_text(f.key(i), "log_uniform_values", min, kAdamRateMax);
  if (names_adam(f)) {
    remarks->add(Rule::kImpossibleRange, f.path(i, "max"), is + "with Adam diverges", lower);
  } else {
    remarks->advise(Rule::kImpossibleRange, f.path(i, "max"), is + "by Adam or its like diverges",
                    lower + " for these; plain gradient descent may want the larger rate");
  }
}

void check_rate(const Facts& f, std::size_t i, Remarks* remarks) {
  const Distribution& d = f.distribution(i);
  if (is_linear(d.kind) && are_powers_of_ten(d)) {
    remarks->add(Rule::kImpossibleRange, f.path(i, "min"),
                 "`" + f.name(i) + "` is negative: the bounds look like exponents of ten",
                 "write " + range_text(f.key(i), "log_uniform_values", std::pow(10.0, d.min),
                                       std::pow(10.0, d.max)));
  } else if (is_linear(d.kind) && d.min < 0) {
    remarks->add(Rule::kImpossibleRange, f.path(i, "min"), "`" + f.name(i) + "` can be negative",
                 "write `min: 1e-5`");
  } else if (d.max > kRateMax) {
    check_high_rate(f, i, remarks);
  }
}

void check_possible(const Facts& f, std::size_t i, Remarks* remarks) {
  const Distribution& d = f.distribution(i);
  const Meaning& m = f.meaning[i];
  if (!has_value_bounds(d.kind)) return;
  if (m.learning_rate) return check_rate(f, i, remarks);
  if (m.dropout && d.max >= 1) {
    const bool percent = d.max > 1;
    const double max = percent ? std::min(d.max / 100, 0.9) : 0.5;
    remarks->add(Rule::kImpossibleRange, f.path(i, "max"),
                 "`" + f.name(i) + "` goes up to " + yaml_number(d.max) + ": " +
                     (percent ? "it is a share, below 1" : "that drops everything"),
                 "write " + range_text(f.key(i), "uniform", 0, max));
  } else if ((m.dropout || (m.weight_decay && is_linear(d.kind))) && d.min < 0) {
    remarks->add(Rule::kImpossibleRange, f.path(i, "min"), "`" + f.name(i) + "` can be negative",
                 m.dropout ? "write `min: 0`" : "write `min: 1e-6`");
  } else if ((m.batch || m.architecture) && d.min < 1) {
    remarks->add(Rule::kImpossibleRange, f.path(i, "min"), "`" + f.name(i) + "` can be below 1",
                 "write `min: 1`");
  }
}

void check_whole(const Facts& f, std::size_t i, Remarks* remarks) {
  const Distribution& d = f.distribution(i);
  // Below 4 it is rather a factor of the size than the size.
  if (!f.meaning[i].whole || !is_continuous(d.kind)) return;
  if (!has_value_bounds(d.kind) || d.max < 4 || d.min < 0) return;
  const double min = std::max(1.0, std::floor(d.min));
  const double max = std::max(min + 1, std::floor(d.max));
  const bool wide = max / min >= 16;
  const double q = f.meaning[i].batch && min >= 8 ? 8 : 1;
  const search::Domain& domain = f.space.domain(i);
  remarks->add(Rule::kRealForWhole, f.path(i, "distribution"),
               "`" + f.name(i) + "` is drawn from the reals, such as " +
                   to_text(Value(std::round(std::get<double>(domain.value(0.37)) * 100) / 100)),
               "write " + (wide ? range_text(f.key(i), "q_log_uniform_values", min, max, q)
                                : range_text(f.key(i), "int_uniform", min, max)));
}

bool has_step(DistributionKind kind) {
  return kind == DistributionKind::kQUniform || kind == DistributionKind::kQLogUniformValues;
}

void check_step(const Facts& f, std::size_t i, Remarks* remarks) {
  const Distribution& d = f.distribution(i);
  const search::Domain& domain = f.space.domain(i);
  const double width = d.max - d.min;
  if (!has_step(d.kind) || domain.count() > 2 || d.q < width / 2) return;
  std::string left = to_text(domain.at(0));
  if (domain.count() == 2) left += " and " + to_text(domain.at(1));
  // Whole steps for whole numbers.
  const double tenth = round_down_nicely(width / 10);
  const double q = d.q_is_integer ? std::max(1.0, std::floor(tenth)) : tenth;
  remarks->add(
      Rule::kCoarseStep, f.path(i, "q"),
      "steps of " + yaml_number(d.q) + " leave `" + f.name(i) + "` only " + left,
      q < d.q ? "write `q: " + yaml_number(q) + "`" : "list the `values`, or use `int_uniform`",
      "the range is " + yaml_number(width) + " wide");
}

}  // namespace

void check_ranges(const Facts& f, Remarks* remarks) {
  for (std::size_t i = 0; i < f.spec.parameters.size(); ++i) {
    check_possible(f, i, remarks);
    check_linear(f, i, remarks);
    check_whole(f, i, remarks);
    check_step(f, i, remarks);
  }
}

}  // namespace scopa::lint
