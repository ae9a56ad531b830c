#include <algorithm>
#include <cmath>

#include "broker/search/distribution.h"
#include "broker/search/exact.h"

namespace scopa::search {
namespace {

constexpr std::size_t kListedMax = 12;  // categories in a message

std::string text_of(double x) {
  return std::abs(x) < kExactMax && x == std::floor(x)
             ? std::to_string(static_cast<std::int64_t>(x))
             : to_text(Value(x));
}

}  // namespace

std::string Domain::describe() const {
  if (categorical_) {
    if (count_ == 1) return to_json(categories_.front());
    std::string text = "one of ";
    for (std::size_t i = 0; i < std::min(categories_.size(), kListedMax); ++i) {
      text += (i > 0 ? ", " : "") + to_json(categories_[i]);
    }
    if (categories_.size() > kListedMax) {
      text += " ... (" + std::to_string(categories_.size()) + " in all)";
    }
    return text;
  }
  if (constant_) return to_json(*constant_);
  std::string text = integral_ && step_ == 1 ? "an integer" : "a number";
  if (lattice_ && step_ != 1) {
    text = "a multiple of " + text_of(step_);
    if (origin_ != 0) text = text_of(origin_) + " plus " + text;
  }
  if (!std::isfinite(upper_))
    return std::isfinite(lower_) ? text + " above " + text_of(lower_) : text;
  return text + " between " + text_of(lower_) + " and " + text_of(upper_);
}

Result<Value> Domain::admit(const Value& value) const {
  const auto refused = [&] {
    return Status(Code::kInvalidArgument, to_json(value) + " is not " + describe());
  };
  if (categorical_) {
    if (const auto index = index_of(value)) return at(*index);
    // What is typed unquoted arrives as a number or a boolean though text may be meant.
    const std::string text = to_text(value);
    for (const Value& category : categories_) {
      if (const auto* named = std::get_if<std::string>(&category); named && *named == text) {
        return category;
      }
    }
    return refused();
  }
  double x = 0;
  if (!as_number(value, &x) || !std::isfinite(x)) return refused();
  if (is_finite()) {
    const auto index = index_of(value);
    if (!index) return refused();
    return at(*index);
  }
  if (x < lower_ || x > upper_) return refused();
  if (integral_ && x == std::floor(x) && std::abs(x) < kExactMax) {
    return Value(static_cast<std::int64_t>(x));
  }
  return Value(x);
}

Result<Value> ppf(const Domain& domain, double unit) {
  if (!(unit >= 0 && unit <= 1)) {
    return Status(Code::kInvalidArgument,
                  "quantile " + to_text(Value(unit)) + " is not between 0 and 1");
  }
  return domain.value(unit);
}

}  // namespace scopa::search
