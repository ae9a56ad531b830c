#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "broker/core/core.h"

namespace scopa::server {

/// What has been decided since the last commit was handed over: written at once, then spoken.
struct Round {
  struct PointsQuery {
    core::ClientId from{};
    wire::GetPoints query;
  };
  struct LogQuery {
    core::ClientId from{};
    wire::GetLog query;
    std::uint64_t last_seq = 0;  // decided when it came, so durable when it is answered
  };

  core::Turn turn;
  std::vector<PointsQuery> queries;   // read from the store once the round is durable
  std::vector<LogQuery> log_queries;  // likewise
  std::size_t commands = 0;
  std::size_t answered = 0;  // questions among them
  std::size_t bytes = 0;

  bool has_words() const {
    return !turn.outgoing.empty() || !queries.empty() || !log_queries.empty();
  }
  void clear() {
    turn.clear();
    queries.clear();
    log_queries.clear();
    commands = 0;
    answered = 0;
    bytes = 0;
  }
};

}  // namespace scopa::server
