#include "broker/spec/distribution_reader.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "broker/spec/distributions.h"
#include "broker/spec/key_table.h"
#include "broker/spec/scalar.h"
#include "sdk/base/limits.h"

namespace scopa::spec {
namespace {

constexpr double kSumTolerance = 1.001e-5;  // W&B's

std::uint32_t bit_of(std::string_view key) {
  for (const ParameterKeyRow& row : parameter_key_table()) {
    if (row.name == key) return row.key;
  }
  return 0;
}

// Keys that no distribution's row speaks of.
bool is_general(std::string_view key) { return key == "distribution" || key == "when"; }

class Reader {
 public:
  Reader(const Section& section, Findings* findings) : s_(section), findings_(findings) {}

  std::optional<Distribution> read();

 private:
  const DistributionRow* choose();
  const DistributionRow* named(const Node& node);
  const DistributionRow* infer();
  const DistributionRow* infer_from_bounds(const Entry& min, const Entry& max);
  void cannot_tell(std::string help);
  void check_keys_of(const DistributionRow& row);
  void read_values(const DistributionRow& row);
  void read_probabilities();
  void read_bounds(const DistributionRow& row);
  std::optional<double> read_bound(std::string_view key, const DistributionRow& row);
  void check_order();
  void warn_exponents(const DistributionRow& row);
  void read_shape();
  double at_least(std::string_view key, double least, bool strictly, double fallback);
  void add(Rule rule, std::string_view key, Place place, std::string message,
           std::string label = {}, std::string help = {}) {
    ok_ = ok_ && row_of(rule).severity != Severity::kError;
    findings_->add(rule, key.empty() ? s_.path : s_.at(key), place, std::move(message),
                   std::move(label), std::move(help));
  }
  void wrong_type(const Node& node, const std::string& path, std::string_view wanted) {
    ok_ = false;
    add_wrong_type(node, path, wanted, findings_);
  }

  const Section& s_;
  Findings* findings_;
  Distribution d_;
  bool ok_ = true;
};

std::optional<Distribution> Reader::read() {
  const DistributionRow* row = choose();
  if (row == nullptr) return std::nullopt;
  d_.kind = row->kind;
  check_keys_of(*row);
  const std::uint32_t keys = row->required | row->optional;
  if (keys & (kKeyValue | kKeyValues)) read_values(*row);
  if (keys & kKeyProbabilities) read_probabilities();
  if (keys & kKeyMin) read_bounds(*row);
  read_shape();
  return ok_ ? std::optional(std::move(d_)) : std::nullopt;
}

const DistributionRow* Reader::choose() {
  const Entry* distribution = s_.find("distribution");
  return distribution != nullptr ? named(distribution->value) : infer();
}

const DistributionRow* Reader::named(const Node& node) {
  if (node.type == NodeType::kText) {
    if (const DistributionRow* row = find_distribution(node.text)) return row;
  }
  std::vector<std::string_view> names;
  for (const DistributionRow& row : distribution_table()) names.push_back(row.name);
  std::string help;
  if (node.type == NodeType::kText) {
    const std::string_view synonym = distribution_synonym(node.text);
    help = synonym.empty() ? did_you_mean(node.text, names)
                           : "did you mean `" + std::string(synonym) + "`?";
  }
  if (help.empty()) help = "the distributions are " + one_of(names);
  const std::string shown = node.type == NodeType::kText
                                ? "unknown distribution `" + node.text + "`"
                                : "`distribution` must be the name of one";
  add(Rule::kUnknownDistribution, "distribution", node.place, shown,
      node.type == NodeType::kText ? "" : "this is " + std::string(name_of(node.type)),
      std::move(help));
  return nullptr;
}

void Reader::cannot_tell(std::string help) {
  add(Rule::kNoDistribution, "", s_.place,
      "the distribution of `" + s_.path + "` cannot be told from its keys", {}, std::move(help));
}

const DistributionRow* Reader::infer() {
  const bool values = s_.find("values") != nullptr;
  const bool probabilities = s_.find("probabilities") != nullptr;
  if (s_.find("value") != nullptr) return &row_of(DistributionKind::kConstant);
  if (probabilities) return &row_of(DistributionKind::kCategoricalWithWeights);
  if (values) return &row_of(DistributionKind::kCategorical);

  const Entry* min = s_.find("min");
  const Entry* max = s_.find("max");
  bool unknown = false;
  for (const Entry& entry : s_.node.entries) {
    unknown |= bit_of(entry.key) == 0 && !is_general(entry.key);
  }
  if (unknown) check_keys(s_, all_parameter_keys(), findings_);
  if (s_.find("q") != nullptr) {
    cannot_tell(min || max ? "add `distribution: q_uniform` (or `q_log_uniform_values`)"
                           : "add `distribution: q_normal` (or `q_log_normal`, `q_beta`)");
  } else if (s_.find("mu") != nullptr || s_.find("sigma") != nullptr) {
    cannot_tell(min || max ? "a range has no `mu` or `sigma`; remove them or the bounds"
                           : "add `distribution: normal` (or `log_normal`)");
  } else if (s_.find("a") != nullptr || s_.find("b") != nullptr) {
    cannot_tell("add `distribution: beta`");
  } else if (min != nullptr && max != nullptr) {
    if (!unknown) return infer_from_bounds(*min, *max);
    ok_ = false;
  } else if (min != nullptr || max != nullptr) {
    const std::string missing = min == nullptr ? "min" : "max";
    add(Rule::kMissingKey, missing, s_.place, "`" + s_.path + "` has no `" + missing + "`", {},
        "a range needs both `min` and `max`");
  } else if (!unknown) {
    cannot_tell("give it a `value`, a list of `values`, or `min` and `max`");
  }
  return nullptr;
}

const DistributionRow* Reader::infer_from_bounds(const Entry& min, const Entry& max) {
  for (const Entry* bound : {&min, &max}) {
    if (!bound->value.is_number()) wrong_type(bound->value, s_.at(bound->key), "a number");
  }
  if (!ok_) return nullptr;
  const bool integers =
      min.value.type == NodeType::kInteger && max.value.type == NodeType::kInteger;
  return &row_of(integers ? DistributionKind::kIntUniform : DistributionKind::kUniform);
}

void Reader::check_keys_of(const DistributionRow& row) {
  std::vector<std::string_view> allowed = {"distribution", "when"};
  for (const ParameterKeyRow& key : parameter_key_table()) {
    if ((row.required | row.optional) & key.key) allowed.push_back(key.name);
    if ((row.required & key.key) == 0 || s_.find(key.name) != nullptr) continue;
    add(Rule::kMissingKey, key.name, s_.place,
        "`" + s_.path + "` has no `" + std::string(key.name) + "`", {},
        "`" + std::string(row.name) + "` needs it");
  }
  for (const Entry& entry : s_.node.entries) {
    const std::uint32_t bit = bit_of(entry.key);
    if (bit == 0 || ((row.required | row.optional) & bit) != 0) continue;
    std::string help = "remove it, or choose another distribution";
    if (bit == kKeyQ) {
      const std::string quantised = "q_" + std::string(row.name);
      if (find_distribution(quantised) != nullptr) help = "did you mean `" + quantised + "`?";
    }
    add(Rule::kKeyNotForDistribution, entry.key, entry.key_place,
        "`" + entry.key + "` does not belong to `" + std::string(row.name) + "`", {},
        std::move(help));
  }
  bool unknown = false;
  for (const Entry& entry : s_.node.entries) {
    unknown |= bit_of(entry.key) == 0 && !is_general(entry.key);
  }
  if (!unknown) return;
  ok_ = false;
  Node rest;  // keys of other distributions have been reported above, in better words
  rest.type = NodeType::kMap;
  for (const Entry& entry : s_.node.entries) {
    if (bit_of(entry.key) == 0) rest.entries.push_back({entry.key, entry.key_place, Node{}});
  }
  check_keys({rest, s_.path, s_.place}, allowed, findings_);
}

void Reader::read_values(const DistributionRow& row) {
  const bool constant = row.kind == DistributionKind::kConstant;
  const Entry* entry = s_.find(constant ? "value" : "values");
  if (entry == nullptr) return;
  const auto take = [&](const Node& node, const std::string& path) {
    if (node.type == NodeType::kText && !node.quoted && is_old_boolean(node.text)) {
      findings_->add(Rule::kTextNotBoolean, path, node.place,
                     "`" + node.text + "` is text here, not a boolean", "W&B reads a boolean",
                     "write `true` or `false`, or put it in quotes");
    }
    d_.values.push_back(value_of(node));
  };
  if (constant) {
    take(entry->value, s_.at("value"));
    return;
  }
  if (entry->value.type != NodeType::kList) {
    wrong_type(entry->value, s_.at("values"), "a list");
    return;
  }
  const std::vector<Node>& items = entry->value.items;
  if (items.empty()) {
    add(Rule::kTooFew, "values", entry->value.place, "`" + s_.at("values") + "` is empty", {},
        "give it at least one value");
  } else if (items.size() > limits::kCategoriesMax) {
    add(Rule::kTooMany, "values", entry->value.place,
        "`" + s_.at("values") + "` has more than " + std::to_string(limits::kCategoriesMax) +
            " values");
    return;
  }
  d_.values.reserve(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) take(items[i], join(s_.at("values"), i));
}

void Reader::read_probabilities() {
  const Entry* entry = s_.find("probabilities");
  if (entry == nullptr) return;
  const std::string path = s_.at("probabilities");
  if (entry->value.type != NodeType::kList) {
    wrong_type(entry->value, path, "a list of numbers");
    return;
  }
  bool numbers = true;
  double sum = 0;
  for (std::size_t i = 0; i < entry->value.items.size(); ++i) {
    const Node& item = entry->value.items[i];
    if (!item.is_number()) {
      wrong_type(item, join(path, i), "a number");
      numbers = false;
      continue;
    }
    if (!(item.number() >= 0) || !std::isfinite(item.number())) {
      ok_ = false;
      findings_->add(Rule::kOutOfRange, join(path, i), item.place,
                     "a probability cannot be " + item.text);
    }
    d_.probabilities.push_back(item.number());
    sum += item.number();
  }
  const Entry* values = s_.find("values");
  if (values == nullptr || values->value.type != NodeType::kList) return;
  const std::size_t count = entry->value.items.size();
  if (count != values->value.items.size()) {
    add(Rule::kProbabilities, "probabilities", entry->value.place,
        "`" + s_.path + "` has " + std::to_string(values->value.items.size()) + " values but " +
            std::to_string(count) + " probabilities",
        {}, "give one probability for each value");
  } else if (numbers && count > 0 && !(std::abs(sum - 1) <= kSumTolerance)) {
    add(Rule::kProbabilities, "probabilities", entry->value.place,
        "the probabilities of `" + s_.path + "` add up to " + to_json(Value(sum)), "must be 1",
        "divide each by their sum");
  } else if (count == 0) {
    add(Rule::kTooFew, "probabilities", entry->value.place, "`" + path + "` is empty");
  }
}

std::optional<double> Reader::read_bound(std::string_view key, const DistributionRow& row) {
  const Entry* entry = s_.find(key);
  if (entry == nullptr) return std::nullopt;
  const Node& node = entry->value;
  if (!node.is_number()) {
    wrong_type(node, s_.at(key), "a number");
    return std::nullopt;
  }
  if (!std::isfinite(node.number())) {
    add(Rule::kOutOfRange, key, node.place, "`" + s_.at(key) + "` must be finite");
    return std::nullopt;
  }
  if (row.kind == DistributionKind::kIntUniform && node.type != NodeType::kInteger) {
    add(Rule::kIntegerBounds, key, node.place, "int_uniform needs integer bounds",
        "this is a real number", "write it without a point, or use `distribution: uniform`");
  }
  return node.number();
}

void Reader::read_bounds(const DistributionRow& row) {
  const std::optional<double> min = read_bound("min", row);
  const std::optional<double> max = read_bound("max", row);
  d_.min = min.value_or(0);
  d_.max = max.value_or(0);
  const bool in_values = row.kind == DistributionKind::kLogUniformValues ||
                         row.kind == DistributionKind::kQLogUniformValues ||
                         row.kind == DistributionKind::kInvLogUniformValues;
  if (in_values && min && *min <= 0) {
    const std::string plain =
        row.kind == DistributionKind::kQLogUniformValues ? "q_uniform" : "uniform";
    const std::string remedy =
        max && *max > 1e-6 ? "set `min: 1e-6`, or use" : "use bounds above 0, or";
    add(Rule::kLogBound, "min", s_.find("min")->value.place,
        std::string(row.name) + " needs min > 0",
        *min == 0 ? "zero has no logarithm" : "negative numbers have no logarithm",
        remedy + " `distribution: " + plain + "`");
  }
  if (min && max) check_order();
  if (ok_) warn_exponents(row);
}

void Reader::check_order() {
  const Node& min = s_.find("min")->value;
  const Node& max = s_.find("max")->value;
  const bool integers = min.type == NodeType::kInteger && max.type == NodeType::kInteger;
  if (integers ? min.integer < max.integer : min.number() < max.number()) return;
  const bool equal = integers ? min.integer == max.integer : min.number() == max.number();
  add(Rule::kMinMax, "min", min.place,
      "`" + s_.path + "`: min " + min.text + " is not less than max " + max.text, {},
      equal ? "for one value write `value: " + min.text + "`" : "swap them");
}

void Reader::warn_exponents(const DistributionRow& row) {
  if (row.kind != DistributionKind::kLogUniform && row.kind != DistributionKind::kQLogUniform &&
      row.kind != DistributionKind::kInvLogUniform) {
    return;
  }
  if (std::max(std::abs(d_.min), std::abs(d_.max)) > 700) {
    add(Rule::kOutOfRange, "max", s_.find("max")->value.place,
        "the bounds of " + std::string(row.name) + " are exponents of e", "e to this overflows",
        "for bounds as values use `" + std::string(row.name) + "_values`");
    return;
  }
  const bool inverse = row.kind == DistributionKind::kInvLogUniform;
  const double low = std::exp(inverse ? -d_.max : d_.min);
  const double high = std::exp(inverse ? -d_.min : d_.max);
  add(Rule::kExponentBounds, "distribution", s_.find("distribution")->value.place,
      "the bounds of " + std::string(row.name) + " are exponents of e: samples lie in " +
          to_json(Value(low)) + " to " + to_json(Value(high)),
      {}, "for bounds as values use `" + std::string(row.name) + "_values`");
}

double Reader::at_least(std::string_view key, double least, bool strictly, double fallback) {
  const Entry* entry = s_.find(key);
  if (entry == nullptr ||
      ((row_of(d_.kind).required | row_of(d_.kind).optional) & bit_of(key)) == 0) {
    return fallback;
  }
  const std::optional<double> number = read_number(s_, key, findings_);
  if (!number) {
    ok_ = false;
    return fallback;
  }
  if (strictly ? *number <= least : *number < least) {
    add(Rule::kOutOfRange, key, entry->value.place,
        "`" + s_.at(key) + "` must be " + (strictly ? "above 0" : "0 or more"));
  }
  return *number;
}

void Reader::read_shape() {
  constexpr double kLowest = -std::numeric_limits<double>::infinity();
  d_.mu = at_least("mu", kLowest, false, 0);
  d_.sigma = at_least("sigma", 0, false, 1);
  // W&B lets a shape of 0 through and then samples NaN.
  d_.a = at_least("a", 0, true, 1);
  d_.b = at_least("b", 0, true, 1);
  d_.q = at_least("q", 0, true, 1);
  const Entry* q = s_.find("q");
  d_.q_is_integer = q != nullptr && q->value.type == NodeType::kInteger;
}

}  // namespace

std::span<const std::string_view> all_parameter_keys() {
  static const std::vector<std::string_view> keys = names_of(KeySection::kParameter);
  return keys;
}

std::optional<Distribution> read_distribution(const Section& section, Findings* findings) {
  return Reader(section, findings).read();
}

}  // namespace scopa::spec
