#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sdk/base/limits.h"

namespace scopa::server {

/// What one connection may cost.
struct ConnectionBounds {
  std::size_t connections = limits::kConnectionsMax;
  std::size_t queue_bytes = limits::kSendQueueBytes;    ///< of one, waiting to be read by it
  std::size_t queues_bytes = limits::kSendQueuesBytes;  ///< of all together
  std::chrono::milliseconds first_word = limits::kFirstWord;
  std::chrono::milliseconds silence = limits::kSilenceMax;
};

/// The open connections of a socket: how long each has been silent, and how much waits to be read
/// by it. ZeroMQ bounds its queues by messages alone, and keeps a connection for as long as the
/// other side does; this table says whose time is up. It closes nothing itself.
///
/// One thread, but for Parcels, which any thread may delete.
class Connections {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Counter = std::shared_ptr<std::atomic<std::size_t>>;

  /// A message on its way out, counted as long as it exists.
  class Parcel {
   public:
    Parcel(std::string_view body, Counter own, Counter all);
    ~Parcel();
    Parcel(const Parcel&) = delete;
    Parcel& operator=(const Parcel&) = delete;
    std::string& body() { return body_; }

   private:
    std::string body_;
    Counter own_, all_;
  };

  explicit Connections(ConnectionBounds bounds = {}) : bounds_(bounds) {}

  /// A connection was accepted, or has ended; `fd` is its descriptor, which a later one may have.
  void opened(int fd, Time now);
  void closed(int fd);
  /// The routing ids of connections that have spoken and ended since the last call.
  bool has_gone() const { return !gone_.empty(); }
  std::vector<std::string> take_gone() { return std::exchange(gone_, {}); }
  /// A message came. `fd_of` is asked for the descriptor when the routing id is not known yet; -1:
  /// the connection is counted but cannot be named for closing.
  void heard(std::string_view routing_id, const std::function<int()>& fd_of, Time now);
  bool knows(std::string_view routing_id) const;
  /// Nothing can be sent to it any more.
  void gone(std::string_view routing_id);

  /// Null when it finds no room: in this connection's queue, or in all queues.
  std::unique_ptr<Parcel> pack(std::string_view routing_id, std::string_view body);
  /// Which connection to close so that there is room again after a pack() to `routing_id` that
  /// found none: that one, or, when it is all together that is too much, the one for which most
  /// waits. -1: none.
  int to_blame(std::string_view routing_id) const;
  /// Those to close now: that have not said a word in time, that have been silent for too long,
  /// and, of more than there may be, those that have been silent for longest.
  std::vector<int> overdue(Time now);

  std::size_t size() const { return by_fd_.size(); }
  std::size_t queued_bytes() const { return *all_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  struct Peer {
    int fd = -1;
    Counter queued;
    Time heard_at{};
  };
  struct Open {
    Time since{};
    std::string routing_id;  // empty: not a word yet
  };

  ConnectionBounds bounds_;
  std::unordered_map<int, Open> by_fd_;
  std::unordered_map<std::string, Peer, Hash, std::equal_to<>> peers_;
  std::vector<std::string> gone_;
  Counter all_ = std::make_shared<std::atomic<std::size_t>>(0);
};

}  // namespace scopa::server
