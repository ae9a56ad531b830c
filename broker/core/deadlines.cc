#include "broker/core/deadlines.h"

namespace scopa::core {

void Deadlines::set(const Limited& what, std::optional<Instant> at) {
  if (const auto old = at_.find(what); old != at_.end()) {
    if (at == old->second) return;
    order_.erase({old->second, what});
    at_.erase(old);
  }
  if (!at) return;
  at_.emplace(what, *at);
  order_.emplace(*at, what);
}

std::optional<Instant> Deadlines::next() const {
  if (order_.empty()) return std::nullopt;
  return order_.begin()->first;
}

std::vector<Limited> Deadlines::take_due(Instant now) {
  std::vector<Limited> due;
  while (!order_.empty() && order_.begin()->first <= now) {
    due.push_back(order_.begin()->second);
    at_.erase(due.back());
    order_.erase(order_.begin());
  }
  return due;
}

}  // namespace scopa::core
