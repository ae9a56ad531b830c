#include <algorithm>
#include <cctype>
#include <cmath>
#include <optional>
#include <unordered_map>

#include "broker/lint/facts.h"
#include "broker/lint/numbers.h"

namespace scopa::lint {
namespace {

using spec::Distribution;
using spec::DistributionKind;

constexpr std::size_t kListMin = 3;  // values that make a row
constexpr double kRatioMin = 2.5;    // between neighbours of a row that spans decades

struct Range {
  double min = 0;
  double max = 0;
};

std::string trimmed(std::string_view text, std::string_view off) {
  const std::size_t first = text.find_first_not_of(off);
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(off) - first + 1));
}

/// "0.1-0.5", "1e-4..1e-2", "[1e-4, 1e-2]", "1e-4 to 1e-2": two numbers, the first one smaller.
std::optional<Range> range_in(std::string_view text) {
  const std::string inside = trimmed(text, " []()");
  for (const std::string_view between : {"...", "..", " to ", " - ", ",", ":", "-"}) {
    // From 1: a sign at the beginning parts nothing; an exponent's sign is tried and fails.
    for (std::size_t at = inside.find(between, 1); at != std::string::npos;
         at = inside.find(between, at + 1)) {
      Range range;
      if (is_number(trimmed(std::string_view(inside).substr(0, at), " "), &range.min) &&
          is_number(trimmed(std::string_view(inside).substr(at + between.size()), " "),
                    &range.max) &&
          range.min < range.max) {
        return range;
      }
    }
  }
  return {};
}

std::string range_text(const Facts& f, std::size_t i, const Range& range) {
  const Meaning& m = f.meaning[i];
  const bool log = range.min > 0 && !m.share && decades(range.min, range.max) >= 2;
  const bool whole =
      m.whole && range.min == std::floor(range.min) && range.max == std::floor(range.max);
  const std::string kind = log && whole ? "q_log_uniform_values"
                           : log        ? "log_uniform_values"
                           : whole      ? "int_uniform"
                                        : "uniform";
  return "write `" + f.key(i) + ": {distribution: " + kind + ", min: " + yaml_number(range.min) +
         ", max: " + yaml_number(range.max) + (log && whole ? ", q: 1" : "") + "}`";
}

/// A dash alone makes no range where numbers are not expected: `data: 2020-2024`.
bool expects_number(const Meaning& m) { return m.scale || m.share || m.whole || m.training; }

void check_ranges_in_text(const Facts& f, std::size_t i, Remarks* remarks) {
  const Distribution& d = f.distribution(i);
  for (const Value& value : d.values) {
    std::optional<Range> range;
    if (const auto* text = std::get_if<std::string>(&value)) {
      const bool clear = text->find("..") != std::string::npos || expects_number(f.meaning[i]);
      if (clear) range = range_in(*text);
    } else if (const auto* list = std::get_if<Composite>(&value)) {
      // Adam's betas are two numbers, a learning rate is one.
      const Meaning& m = f.meaning[i];
      const bool scalar = m.learning_rate || m.weight_decay || m.dropout || m.batch || m.length;
      if (scalar && d.values.size() == 1) range = range_in(list->json);
    }
    if (!range) continue;
    remarks->add(Rule::kLooksLikeRange, f.values_path(i, *remarks),
                 "`" + f.name(i) + "` is always " + to_json(value) + ", which looks like a range",
                 range_text(f, i, *range));
    return;
  }
}

void check_quotes(const Facts& f, std::size_t i, Remarks* remarks) {
  const Distribution& d = f.distribution(i);
  const Meaning& m = f.meaning[i];
  if (!(m.scale || m.share || m.whole) || d.values.empty()) return;
  std::string list;
  for (const Value& value : d.values) {
    const auto* text = std::get_if<std::string>(&value);
    double x = 0;
    if (text == nullptr || !is_number(*text, &x)) return;
    list += (list.empty() ? "" : ", ") + *text;
  }
  const bool one = d.kind == DistributionKind::kConstant;
  remarks->add(Rule::kNumberInQuotes, f.values_path(i, *remarks),
               "the " + std::string(one ? "value" : "values") + " of `" + f.name(i) +
                   "` are texts, because of the quotes",
               one ? "write `value: " + list + "`" : "write `values: [" + list + "]`");
}

void check_one_value(const Facts& f, std::size_t i, Remarks* remarks) {
  const Distribution& d = f.distribution(i);
  if (d.kind != DistributionKind::kCategorical || d.values.size() != 1) return;
  if (std::holds_alternative<std::string>(d.values[0]) && range_in(to_text(d.values[0]))) return;
  remarks->add(
      Rule::kOneValue, f.values_path(i, *remarks),
      "`" + f.name(i) + "` has one value, so there is nothing to search",
      "write `value: " + to_json(d.values[0]) + "` if it is meant to be fixed, else add values");
}

void check_repeated(const Facts& f, std::size_t i, Remarks* remarks) {
  const Distribution& d = f.distribution(i);
  std::unordered_map<std::string, std::size_t> first;
  for (std::size_t k = 0; k < d.values.size(); ++k) {
    const auto [at, added] = first.try_emplace(search::canonical_text(d.values[k]), k);
    if (added) continue;
    // In a finite space each configuration is tried once, however often its values are drawn.
    const bool once = f.spec.method == spec::Method::kGrid || f.size.has_value();
    remarks->add(Rule::kRepeatedValue, spec::join(f.values_path(i, *remarks), k),
                 "`" + f.name(i) + "` lists " + to_json(d.values[k]) + " twice" +
                     (once ? ": it is one value, and no configuration is tried twice"
                           : "; it is one value, which comes up more often"),
                 once ? "remove one of them"
                      : "remove one of them; to favour a value, give `probabilities`");
    return;
  }
}

void check_probabilities(const Facts& f, std::size_t i, Remarks* remarks) {
  const Distribution& d = f.distribution(i);
  for (std::size_t k = 0; k < d.probabilities.size() && k < d.values.size(); ++k) {
    if (d.probabilities[k] > 0) continue;
    remarks->add(Rule::kNeverTried, spec::join(f.path(i, "probabilities"), k),
                 "`" + f.name(i) + "` is never " + to_json(d.values[k]) + ": its probability is 0",
                 "remove the value and its probability, or give it a share such as 0.1");
  }
}

/// Numbers that rise or fall by a factor each: 1e-4, 1e-3, 1e-2.
std::optional<Range> row_of_powers(const Distribution& d) {
  std::vector<double> xs;
  for (const Value& value : d.values) {
    double x = 0;
    if (!as_number(value, &x) || !(x > 0)) return {};
    xs.push_back(x);
  }
  std::sort(xs.begin(), xs.end());
  if (xs.size() < kListMin || decades(xs.front(), xs.back()) < 1.9) return {};
  for (std::size_t k = 1; k < xs.size(); ++k) {
    if (xs[k] < kRatioMin * xs[k - 1]) return {};
  }
  return Range{xs.front(), xs.back()};
}

// Only for the model: to it a list has no order. Random search and people who compare a few values
// are well served by one.
void check_list(const Facts& f, std::size_t i, Remarks* remarks) {
  const Distribution& d = f.distribution(i);
  if (f.spec.method != spec::Method::kBayes || d.kind != DistributionKind::kCategorical) return;
  if (!f.meaning[i].scale) return;
  const auto range = row_of_powers(d);
  if (!range) return;
  remarks->add(Rule::kListForRange, f.path(i, "values"),
               "to the model the " + std::to_string(d.values.size()) + " values of `" + f.name(i) +
                   "` have no order, so it learns nothing of one from its neighbours",
               range_text(f, i, *range));
}

}  // namespace

void check_values(const Facts& f, Remarks* remarks) {
  for (std::size_t i = 0; i < f.spec.parameters.size(); ++i) {
    check_ranges_in_text(f, i, remarks);
    check_quotes(f, i, remarks);
    check_one_value(f, i, remarks);
    check_repeated(f, i, remarks);
    check_probabilities(f, i, remarks);
    check_list(f, i, remarks);
  }
}

}  // namespace scopa::lint
