#include "broker/core/leases.h"

#include <functional>

namespace scopa::core {

std::size_t Leases::Hash::operator()(const wire::AttemptRef& a) const {
  const std::size_t sweep = std::hash<std::string>{}(a.sweep);
  return sweep ^ (a.trial * 0x9e3779b97f4a7c15ULL + a.attempt * 0xff51afd7ed558ccdULL);
}

void Leases::renew(const wire::AttemptRef& attempt, Instant until) {
  const auto [it, is_new] = until_.insert_or_assign(attempt, until);
  if (is_new) heap_.push({until, it->first});
}

std::optional<Instant> Leases::next_deadline() const {
  if (heap_.empty()) return std::nullopt;
  return heap_.top().at;
}

std::vector<wire::AttemptRef> Leases::take_expired(Instant now) {
  std::vector<wire::AttemptRef> expired;
  while (!heap_.empty() && heap_.top().at <= now) {
    Entry entry = heap_.top();
    heap_.pop();
    const auto it = until_.find(entry.attempt);
    if (it == until_.end()) continue;
    if (it->second > now) {
      entry.at = it->second;
      heap_.push(std::move(entry));
    } else {
      until_.erase(it);
      expired.push_back(std::move(entry.attempt));
    }
  }
  return expired;
}

}  // namespace scopa::core
