#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "broker/core/core.h"

namespace scopa::server {

/// Names connections: routing id ↔ ClientId. Holds at most limits::kClientsMax; a new one beyond
/// that takes the place of the one that has been silent for longest.
class Clients {
 public:
  /// The name of the connection, new for one that is not known. `evicted`: whose place it took.
  core::ClientId heard(std::string_view routing_id, std::optional<core::ClientId>* evicted);
  /// Nothing for a connection that was forgotten.
  const std::string* routing_id(core::ClientId id) const;
  void forget(core::ClientId id);
  /// By its routing id: the name that it had, or nothing.
  std::optional<core::ClientId> forget(std::string_view routing_id);
  std::size_t size() const { return by_id_.size(); }
  /// For tests: another bound.
  void set_max(std::size_t max) { max_ = max; }

 private:
  struct Entry {
    core::ClientId id{};
    std::string routing_id;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  using Entries = std::list<Entry>;

  Entries entries_;  // the longest silent first
  std::unordered_map<std::string, Entries::iterator, Hash, std::equal_to<>> by_routing_id_;
  std::unordered_map<std::uint64_t, Entries::iterator> by_id_;
  std::uint64_t last_id_ = 0;
  std::size_t max_ = limits::kClientsMax;
};

}  // namespace scopa::server
