#include "analysis/documents/trial_order.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

namespace scopa::analysis {
namespace {

/// What a column holds for one trial: a number, a text, or nothing.
struct Key {
  std::optional<double> number;
  std::optional<std::string> text;
  bool missing() const { return !number && !text; }
};

Key key_of(const Value& value) {
  double number = 0;
  if (std::holds_alternative<std::monostate>(value)) return {};
  if (as_number(value, &number)) {
    return std::isnan(number) ? Key{} : Key{.number = number, .text = {}};
  }
  return {.number = {}, .text = to_text(value)};
}

int compare(const Key& a, const Key& b) {
  if (a.number && b.number) return *a.number < *b.number ? -1 : *a.number > *b.number ? 1 : 0;
  if (a.number || b.number) return a.number ? -1 : 1;
  return a.text->compare(*b.text);
}

}  // namespace

Result<TrialList> sorted_by(const TrialSheet& sheet, const std::string& column) {
  const bool reverse = column.starts_with('-');
  const std::string name = reverse ? column.substr(1) : column;
  TrialList list = leaderboard(sheet.trials(), static_cast<Goal>(sheet.sweep().goal));
  SCOPA_ASSIGN_OR_RETURN(const TrialSheet::Column by, sheet.find(name));
  // The leaderboard has an order also for those that have no rank.
  if (by.kind == TrialSheet::Column::Kind::kRank) {
    if (reverse) std::reverse(list.begin(), list.end());
    return list;
  }
  std::vector<std::pair<Key, const wire::TrialInfo*>> keyed;
  keyed.reserve(list.size());
  for (const auto* t : list) keyed.emplace_back(key_of(sheet.ranked(by, *t)), t);
  std::stable_sort(keyed.begin(), keyed.end(), [reverse](const auto& a, const auto& b) {
    if (a.first.missing() || b.first.missing()) return !a.first.missing() && b.first.missing();
    const int order = compare(a.first, b.first);
    return reverse ? order > 0 : order < 0;
  });
  for (std::size_t i = 0; i < keyed.size(); ++i) list[i] = keyed[i].second;
  return list;
}

}  // namespace scopa::analysis
