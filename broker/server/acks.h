#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "broker/core/core.h"

namespace scopa::server {

/// Leaves out acknowledgements that a later one to the same connection and attempt covers: under
/// load a commit holds many small reports of each worker, and telling of each costs more than
/// storing it. A repeated one, which tells of a gap, is kept.
class Acks {
 public:
  void drop_covered(std::vector<core::Outgoing>* outgoing);

 private:
  struct Key {
    core::ClientId to{};
    std::uint64_t trial = 0;
    std::uint32_t attempt = 0;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const;
  };

  std::unordered_map<Key, const wire::Ack*, Hash> latest_;  // of one call; kept for its room
  std::vector<bool> is_covered_;
};

}  // namespace scopa::server
