#include "broker/server/clients.h"

namespace scopa::server {

core::ClientId Clients::heard(std::string_view routing_id, std::optional<core::ClientId>* evicted) {
  if (const auto known = by_routing_id_.find(routing_id); known != by_routing_id_.end()) {
    entries_.splice(entries_.end(), entries_, known->second);
    return known->second->id;
  }
  if (entries_.size() >= max_) {
    *evicted = entries_.front().id;
    forget(entries_.front().id);
  }
  entries_.push_back({core::ClientId{++last_id_}, std::string(routing_id)});
  const auto entry = std::prev(entries_.end());
  by_routing_id_.emplace(entry->routing_id, entry);
  by_id_.emplace(last_id_, entry);
  return entry->id;
}

const std::string* Clients::routing_id(core::ClientId id) const {
  const auto known = by_id_.find(static_cast<std::uint64_t>(id));
  return known == by_id_.end() ? nullptr : &known->second->routing_id;
}

void Clients::forget(core::ClientId id) {
  const auto known = by_id_.find(static_cast<std::uint64_t>(id));
  if (known == by_id_.end()) return;
  const Entries::iterator entry = known->second;
  by_id_.erase(known);
  by_routing_id_.erase(entry->routing_id);
  entries_.erase(entry);
}

std::optional<core::ClientId> Clients::forget(std::string_view routing_id) {
  const auto known = by_routing_id_.find(routing_id);
  if (known == by_routing_id_.end()) return std::nullopt;
  const core::ClientId id = known->second->id;
  forget(id);
  return id;
}

}  // namespace scopa::server
