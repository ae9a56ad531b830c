// What a point's values decide: which parameters are active, what derived ones are, what violates a
// constraint.
#include <algorithm>

#include "broker/search/space.h"

namespace scopa::search {

// The values of one point, looked up as expressions ask for them.
class Space::Values {
 public:
  Values(const Space& space, const Point& point, Given given)
      : point_(point),
        given_(given),
        known_(space.size() + space.derived_.size(), 0),
        values_(known_.size()),
        at_(known_.size(), nullptr) {}

  const Point& point() const { return point_; }
  Given given() const { return given_; }
  const Value* at(std::size_t i) const { return at_[i]; }
  spec::Expression::Values all() const { return at_; }
  std::size_t size() const { return known_.size(); }

  /// False when `i` has been looked up before.
  bool begin(std::size_t i) {
    const bool is_new = known_[i] == 0;
    known_[i] = 1;
    return is_new;
  }
  void set(std::size_t i, Value value) {
    values_[i] = std::move(value);
    at_[i] = &values_[i];
  }

 private:
  const Point& point_;
  Given given_;
  std::vector<char> known_;
  std::vector<Value> values_;
  std::vector<const Value*> at_;
};

Value Space::value_at(const Point& point, std::size_t i, Given given) const {
  if (i < given.size() && given[i]) return *given[i];
  return domains_[i].is_finite() ? domains_[i].at(point[i].index)
                                 : domains_[i].value(point[i].unit);
}

// Derived parameters refer to others a thousand deep at most; a circle, which the parser refuses,
// would end at what has been begun.
void Space::look_up(const std::vector<std::size_t>& parameters, Values* values) const {
  for (const std::size_t i : parameters) {
    if (i >= values->size() || !values->begin(i)) continue;
    if (i >= size()) {
      derive(i, values);
    } else if (values->point()[i].active) {
      values->set(i, value_at(values->point(), i, values->given()));
    }
  }
}

void Space::derive(std::size_t i, Values* values) const {
  if (!is_active(i, values)) return;
  const spec::Expression& expression = derived_[i - size()];
  look_up(expression.parameters(), values);
  if (auto value = expression.evaluate(values->all())) values->set(i, std::move(*value));
}

bool Space::is_active(std::size_t i, Values* values) const {
  const Point& point = values->point();
  for (const Condition& condition : conditions_[i]) {
    if (condition.parent >= size() || !point[condition.parent].active ||
        !std::binary_search(condition.allowed.begin(), condition.allowed.end(),
                            point[condition.parent].index)) {
      return false;
    }
  }
  for (const spec::Expression& predicate : predicates_[i]) {
    look_up(predicate.parameters(), values);
    if (!predicate.holds(values->all())) return false;
  }
  return true;
}

void Space::settle(Point* point, Given given) const {
  for (Choice& choice : *point) choice.active = false;
  const auto settle_each = [&](auto&& active) {
    for (const std::size_t i : order_) {
      Choice& choice = (*point)[i];
      choice.active = active(i);
      if (!choice.active) choice.index = 0;
    }
  };
  if (has_predicates_) {
    // Whatever an expression looks up stands before it in the order, so it is settled.
    Values values(*this, *point, given);
    settle_each([&](std::size_t i) { return is_active(i, &values); });
    return;
  }
  settle_each([&](std::size_t i) {
    return std::all_of(conditions_[i].begin(), conditions_[i].end(), [&](const Condition& c) {
      return c.parent < size() && (*point)[c.parent].active &&
             std::binary_search(c.allowed.begin(), c.allowed.end(), (*point)[c.parent].index);
    });
  });
}

Params Space::params(const Point& point, Given given) const {
  Params params;
  params.reserve(size() + derived_.size());
  for (std::size_t i = 0; i < size(); ++i) {
    if (point[i].active) params.push_back({names_[i], value_at(point, i, given)});
  }
  if (derived_.empty()) return params;
  Values values(*this, point, given);
  for (std::size_t i = size(); i < values.size(); ++i) {
    look_up({i}, &values);
    if (values.at(i) != nullptr) params.push_back({derived_names_[i - size()], *values.at(i)});
  }
  return params;
}

bool Space::fails(std::size_t constraint, Values* values) const {
  const spec::Expression& expression = constraints_[constraint];
  look_up(expression.parameters(), values);
  for (const std::size_t i : expression.parameters()) {
    if (i >= values->size() || values->at(i) == nullptr) return false;
  }
  return !expression.holds(values->all());
}

std::optional<std::size_t> Space::violated(const Point& point, Given given) const {
  if (constraints_.empty()) return std::nullopt;
  return violated_among(constraint_order_, point, given);
}

std::optional<std::size_t> Space::violated_among(const std::vector<std::size_t>& constraints,
                                                 const Point& point, Given given) const {
  Values values(*this, point, given);
  for (const std::size_t constraint : constraints) {
    if (fails(constraint, &values)) return constraint;
  }
  return std::nullopt;
}

}  // namespace scopa::search
