#include "broker/search/space.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "broker/search/random.h"

namespace scopa::search {
namespace {

constexpr std::uint64_t kDrawsMax = 20'000;
constexpr std::uint64_t kWorkMax = 100'000'000;  // about a second, in bytes of expressions
constexpr std::size_t kNoParent = std::numeric_limits<std::size_t>::max();

}  // namespace

Space::Space(const spec::SweepSpec& spec, Domain::Use use) {
  for (const spec::Parameter& parameter : spec.parameters) {
    domains_.emplace_back(parameter.distribution, use);
    names_.push_back(parameter.name);
    name_hashes_.push_back(hash_name(parameter.name));
  }
  read_expressions(spec);
  sort_parameters(spec);
  place_constraints();
}

void Space::read_expressions(const spec::SweepSpec& spec) {
  const auto take = [&](std::size_t i, const std::vector<spec::Condition>& when,
                        const std::vector<spec::Expression>& predicates) {
    std::vector<Condition>& conditions = conditions_.emplace_back();
    for (const spec::Condition& each : when) {
      const auto parent = find(each.parent);
      Condition condition{parent.value_or(kNoParent), {}};
      for (const Value& value : each.values) {
        if (!parent || *parent == i) continue;
        if (const auto index = domains_[*parent].index_of(value)) {
          condition.allowed.push_back(*index);
        }
      }
      std::sort(condition.allowed.begin(), condition.allowed.end());
      conditions.push_back(std::move(condition));
    }
    predicates_.push_back(predicates);
  };
  for (std::size_t i = 0; i < size(); ++i) {
    take(i, spec.parameters[i].when, spec.parameters[i].predicates);
    has_predicates_ = has_predicates_ || !spec.parameters[i].predicates.empty();
  }
  for (const spec::Derived& derived : spec.derived) {
    take(size() + derived_.size(), derived.when, derived.predicates);
    derived_names_.push_back(derived.name);
    derived_.push_back(derived.expression);
  }
  constraints_ = spec.constraints;
  std::uint64_t cost = 1 + 10 * size();
  for (const auto* list : {&derived_, &constraints_}) {
    for (const spec::Expression& each : *list) cost += each.text().size();
  }
  for (const auto& predicates : predicates_) {
    for (const spec::Expression& each : predicates) cost += each.text().size();
  }
  draws_max_ = std::clamp<std::uint64_t>(kWorkMax / cost, 100, kDrawsMax);
}

// The searched parameters that the values of `parameters` rest on: themselves, and those that
// derived ones come from.
std::vector<std::size_t> Space::sources(const std::vector<std::size_t>& parameters) const {
  std::vector<char> seen(size() + derived_.size(), 0);
  std::vector<std::size_t> open = parameters;
  std::vector<std::size_t> found;
  while (!open.empty()) {
    const std::size_t i = open.back();
    open.pop_back();
    if (i >= seen.size() || seen[i]) continue;
    seen[i] = 1;
    if (i < size()) {
      found.push_back(i);
      continue;
    }
    const auto add = [&](const spec::Expression& expression) {
      open.insert(open.end(), expression.parameters().begin(), expression.parameters().end());
    };
    add(derived_[i - size()]);
    for (const spec::Expression& predicate : predicates_[i]) add(predicate);
    for (const Condition& condition : conditions_[i]) open.push_back(condition.parent);
  }
  std::sort(found.begin(), found.end());
  return found;
}

void Space::sort_parameters(const spec::SweepSpec& spec) {
  std::vector<std::size_t> by_path(size());
  std::iota(by_path.begin(), by_path.end(), std::size_t{0});
  std::stable_sort(by_path.begin(), by_path.end(), [&](std::size_t a, std::size_t b) {
    return spec.parameters[a].path < spec.parameters[b].path;
  });
  std::vector<std::vector<std::size_t>> needs(size());
  for (std::size_t i = 0; i < size(); ++i) {
    for (const spec::Expression& predicate : predicates_[i]) {
      const auto found = sources(predicate.parameters());
      needs[i].insert(needs[i].end(), found.begin(), found.end());
    }
    for (const Condition& condition : conditions_[i]) {
      if (condition.parent != kNoParent) needs[i].push_back(condition.parent);
    }
  }
  std::vector<char> placed(size(), 0);
  // Each pass takes the first parameter whose parents all stand already; a cycle, which the parser
  // refuses, would leave its members out of the order and so inactive for ever.
  for (bool progress = true; progress;) {
    progress = false;
    for (const std::size_t i : by_path) {
      if (placed[i]) continue;
      const bool ready = std::all_of(needs[i].begin(), needs[i].end(),
                                     [&](std::size_t need) { return placed[need] != 0; });
      if (!ready) continue;
      placed[i] = 1;
      order_.push_back(i);
      progress = true;
    }
  }
}

void Space::place_constraints() {
  place_.assign(size(), order_.size());
  for (std::size_t k = 0; k < order_.size(); ++k) place_[order_[k]] = k;
  for (const spec::Expression& constraint : constraints_) {
    constraint_sources_.push_back(sources(constraint.parameters()));
    std::size_t last = 0;
    for (const std::size_t i : constraint_sources_.back()) last = std::max(last, place_[i]);
    constraint_place_.push_back(last);
  }
  constraint_order_.resize(constraints_.size());
  std::iota(constraint_order_.begin(), constraint_order_.end(), std::size_t{0});
  std::stable_sort(
      constraint_order_.begin(), constraint_order_.end(),
      [&](std::size_t a, std::size_t b) { return constraint_place_[a] < constraint_place_[b]; });
}

std::optional<std::size_t> Space::find(std::string_view name) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  if (found == names_.end()) return {};
  return static_cast<std::size_t>(found - names_.begin());
}

bool Space::has_derived(std::string_view name) const {
  return std::find(derived_names_.begin(), derived_names_.end(), name) != derived_names_.end();
}

Point Space::locate(const Params& params) const {
  Point point(size());
  // Ours come in the order of the spec, so the search for a name rarely looks twice.
  std::size_t next = 0;
  for (const Param& param : params) {
    while (next < size() && names_[next] != param.name) ++next;
    if (next == size()) {
      const auto found = find(param.name);
      if (!found) {
        next = 0;
        continue;
      }
      next = *found;
    }
    Choice& choice = point[next];
    if (domains_[next].is_finite()) {
      const auto index = domains_[next].index_of(param.value);
      choice.active = index.has_value();
      choice.index = index.value_or(0);
    } else {
      const auto unit = domains_[next].unit_of(param.value);
      choice.active = unit.has_value();
      choice.unit = unit.value_or(0.5);
    }
  }
  return point;
}

Point Space::draw(std::uint64_t seed, std::uint64_t number, std::uint64_t attempt) const {
  Point point(size());
  for (std::size_t i = 0; i < size(); ++i) {
    point[i].unit = Stream(seed, number, name_hashes_[i]).unit_at(attempt);
    if (domains_[i].is_finite()) point[i].index = domains_[i].index_at(point[i].unit);
  }
  settle(&point);
  return point;
}

Point Space::first() const {
  Point point(size());
  settle(&point);
  return point;
}

bool Space::next(Point* point, std::optional<std::size_t> violated) const {
  const std::size_t end = violated ? constraint_place_[*violated] + 1 : order_.size();
  for (std::size_t place = std::min(end, order_.size()); place-- > 0;) {
    const std::size_t i = order_[place];
    Choice& choice = (*point)[i];
    if (!choice.active || choice.index + 1 >= domains_[i].count()) continue;
    ++choice.index;
    for (std::size_t later = place + 1; later < order_.size(); ++later) {
      (*point)[order_[later]].index = 0;
    }
    settle(point);
    return true;
  }
  for (Choice& choice : *point) choice.index = 0;
  settle(point);
  return false;
}

bool Space::precedes(const Point& a, const Point& b) const {
  for (const std::size_t i : order_) {
    if (a[i].index != b[i].index) return a[i].index < b[i].index;
  }
  return false;
}

}  // namespace scopa::search
