#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <unordered_map>
#include <utility>

#include "broker/core/core.h"
#include "sdk/base/limits.h"

namespace scopa::server {

/// Questions that wait for their turn, and what else costs a broker more than a message of a worker
/// does: trials that are retried, and large configurations. An answer can cost a thousand times
/// what the question does, so a round answers a few of them, one of each connection in turn, while
/// what workers say is taken as it comes: whoever asks much waits, and nobody else does.
class QueryQueue {
 public:
  struct Asked {
    core::ClientId from{};
    wire::Message message;
  };

  explicit QueryQueue(std::size_t each_max = limits::kQueriesOfClientMax,
                      std::size_t all_max = limits::kQueriesMax,
                      std::size_t bytes_max = limits::kQueriesBytesMax)
      : each_max_(each_max), all_max_(all_max), bytes_max_(bytes_max) {}

  /// Whether the message, which came in a frame of so many bytes, waits for its turn.
  static bool may_wait(const wire::Message& message, std::size_t bytes);

  /// kResource when too many wait already, of this connection or of all, or too many bytes of all;
  /// the message is left alone.
  Status add(core::ClientId from, wire::Message& message, std::size_t bytes = 0);
  /// The next one in turn.
  std::optional<Asked> next();
  /// The connection is gone.
  void forget(core::ClientId from);

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

 private:
  struct Waiting {
    wire::Message message;
    std::size_t bytes = 0;
  };
  std::size_t each_max_, all_max_, bytes_max_;
  std::unordered_map<std::uint64_t, std::deque<Waiting>> waiting_;
  std::deque<std::uint64_t> turns_;  // connections with something in waiting_, each once
  std::size_t size_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace scopa::server
