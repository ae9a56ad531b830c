#include "broker/search/space.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "broker/search/random.h"

namespace scopa::search {
namespace {

constexpr std::uint64_t kCombinationsMax = 1'000'000;  // of parents' values, to count a space
constexpr std::size_t kNoParent = std::numeric_limits<std::size_t>::max();

// False when the product is above 2^63.
bool multiply(std::uint64_t* product, std::uint64_t factor) {
  return !__builtin_mul_overflow(*product, factor, product) &&
         *product <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
}

}  // namespace

Space::Space(const spec::SweepSpec& spec, Domain::Use use) {
  for (const spec::Parameter& parameter : spec.parameters) {
    domains_.emplace_back(parameter.distribution, use);
    names_.push_back(parameter.name);
    name_hashes_.push_back(hash_name(parameter.name));
  }
  conditions_.resize(size());
  for (std::size_t i = 0; i < size(); ++i) {
    for (const spec::Condition& when : spec.parameters[i].when) {
      const auto parent = find(when.parent);
      Condition condition{parent.value_or(kNoParent), {}};
      for (const Value& value : when.values) {
        if (!parent || *parent == i) continue;
        if (const auto index = domains_[*parent].index_of(value)) {
          condition.allowed.push_back(*index);
        }
      }
      std::sort(condition.allowed.begin(), condition.allowed.end());
      conditions_[i].push_back(std::move(condition));
    }
  }
  sort_parameters(spec);
}

void Space::sort_parameters(const spec::SweepSpec& spec) {
  std::vector<std::size_t> by_path(size());
  std::iota(by_path.begin(), by_path.end(), std::size_t{0});
  std::stable_sort(by_path.begin(), by_path.end(), [&](std::size_t a, std::size_t b) {
    return spec.parameters[a].path < spec.parameters[b].path;
  });
  std::vector<char> placed(size(), 0);
  // Each pass takes the first parameter whose parents all stand already; a cycle, which the parser
  // refuses, would leave its members out of the order and so inactive for ever.
  for (bool progress = true; progress;) {
    progress = false;
    for (const std::size_t i : by_path) {
      if (placed[i]) continue;
      const bool ready = std::all_of(
          conditions_[i].begin(), conditions_[i].end(),
          [&](const Condition& c) { return c.parent == kNoParent || placed[c.parent]; });
      if (!ready) continue;
      placed[i] = 1;
      order_.push_back(i);
      progress = true;
    }
  }
}

std::optional<std::size_t> Space::find(std::string_view name) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  if (found == names_.end()) return {};
  return static_cast<std::size_t>(found - names_.begin());
}

bool Space::is_active(const Point& point, std::size_t i) const {
  return std::all_of(conditions_[i].begin(), conditions_[i].end(), [&](const Condition& c) {
    return c.parent != kNoParent && point[c.parent].active &&
           std::binary_search(c.allowed.begin(), c.allowed.end(), point[c.parent].index);
  });
}

void Space::settle(Point* point) const {
  for (Choice& choice : *point) choice.active = false;
  for (const std::size_t i : order_) {
    Choice& choice = (*point)[i];
    choice.active = is_active(*point, i);
    if (!choice.active) choice.index = 0;
  }
}

Params Space::params(const Point& point) const {
  Params params;
  params.reserve(size());
  for (std::size_t i = 0; i < size(); ++i) {
    if (!point[i].active) continue;
    params.push_back({names_[i], domains_[i].is_finite() ? domains_[i].at(point[i].index)
                                                         : domains_[i].value(point[i].unit)});
  }
  return params;
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

bool Space::next(Point* point) const {
  for (std::size_t place = order_.size(); place-- > 0;) {
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

bool Space::is_open(const Point& point) const {
  for (std::size_t i = 0; i < size(); ++i) {
    if (point[i].active && !domains_[i].is_finite()) return true;
  }
  return false;
}

std::optional<std::uint64_t> Space::count() const {
  std::vector<char> is_parent(size(), 0);
  std::vector<std::size_t> group_of(size());
  std::iota(group_of.begin(), group_of.end(), std::size_t{0});
  const auto root = [&](std::size_t i) {
    while (group_of[i] != i) i = group_of[i];
    return i;
  };
  for (std::size_t i = 0; i < size(); ++i) {
    for (const Condition& condition : conditions_[i]) {
      if (condition.parent == kNoParent) continue;
      is_parent[condition.parent] = 1;
      group_of[root(i)] = root(condition.parent);
    }
  }
  std::vector<std::vector<std::size_t>> groups(size());
  for (const std::size_t i : order_) groups[root(i)].push_back(i);
  std::uint64_t product = 1;
  for (const auto& group : groups) {
    if (group.empty()) continue;
    const auto count = count_group(group, is_parent);
    if (!count || !multiply(&product, *count)) return {};
  }
  return product;
}

// Parameters tied together by conditions: the sum, over the combinations of the parents' values, of
// the product of the others' counts.
std::optional<std::uint64_t> Space::count_group(const std::vector<std::size_t>& group,
                                                const std::vector<char>& is_parent) const {
  Point point = first();
  std::uint64_t sum = 0;
  for (std::uint64_t combination = 0; combination < kCombinationsMax; ++combination) {
    std::uint64_t product = 1;
    for (const std::size_t i : group) {
      if (!point[i].active) continue;
      if (!domains_[i].is_finite()) return {};
      if (!is_parent[i] && !multiply(&product, domains_[i].count())) return {};
    }
    if (__builtin_add_overflow(sum, product, &sum)) return {};
    bool advanced = false;
    for (std::size_t place = group.size(); place-- > 0 && !advanced;) {
      const std::size_t i = group[place];
      if (!is_parent[i] || !point[i].active || point[i].index + 1 >= domains_[i].count()) continue;
      ++point[i].index;
      for (std::size_t later = place + 1; later < group.size(); ++later) {
        point[group[later]].index = 0;
      }
      settle(&point);
      advanced = true;
    }
    if (!advanced) return sum;
  }
  return {};
}

}  // namespace scopa::search
