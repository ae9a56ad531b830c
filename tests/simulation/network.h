#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/simulation/random.h"
#include "tests/simulation/world.h"

namespace scopa::sim {

enum class Way : std::uint8_t { kUp = 0, kDown = 1 };  // to the broker, from it

struct NetworkOptions {
  microseconds delay_min{50};
  microseconds delay_max{milliseconds(3)};
  /// Frames of one connection may be lost alone, come twice or overtake each other. Neither TCP nor
  /// ZeroMQ does that; the protocol does not rely on it all the same.
  bool hostile = false;
  double loss = 0, duplicate = 0, late = 0;
};

class Dealer;

/// What stands between brokers and peers: connections that keep order (unless hostile), break, and
/// are opened anew under another routing id, as those of ZeroMQ's DEALER and ROUTER do. A peer sits
/// on a host; partitions cut hosts off in one way or both.
class Network {
 public:
  Network(World* world, NetworkOptions options);

  /// The broker's socket: listens from now on. `receive` gets whole frames.
  using Receive = std::function<void(std::string_view routing_id, std::string frame)>;
  void listen(Receive receive);
  /// Its process is gone, with all connections.
  void broker_died();
  /// False when the connection is known to be gone.
  bool send_down(const std::string& routing_id, std::string frame);

  /// Frames in this way wait until it ends; connections cannot be opened.
  void partition(int host, Way way, microseconds duration);
  bool is_cut(int host, Way way) const;
  /// Breaks each connection of the host: what is on its way is lost.
  void reset(int host);
  /// From now on no frame is lost, repeated or late.
  void be_kind();

 private:
  friend class Dealer;
  struct Connection {
    std::uint64_t id = 0;
    int host = 0;
    std::weak_ptr<Dealer*> dealer;
    bool broken = false;     // nothing new gets through
    Instant broker_knows{};  // of that, from then on
    std::array<Instant, 2> last{};
    std::array<std::vector<std::string>, 2> held;  // by a partition
  };
  using ConnectionPtr = std::shared_ptr<Connection>;

  ConnectionPtr connect(int host, const std::shared_ptr<Dealer*>& dealer);
  void break_off(const ConnectionPtr& connection);
  void transmit(const ConnectionPtr& connection, Way way, std::string frame);
  void launch(const ConnectionPtr& connection, Way way, std::string frame);
  void arrive(const ConnectionPtr& connection, Way way, const std::string& frame, bool last_words);
  void heal(int host, Way way);

  World* world_;
  NetworkOptions options_;
  Random random_;
  Receive receive_;
  std::shared_ptr<int> broker_;  // guards what is on its way to this process
  std::uint64_t ids_ = 0;
  std::map<std::string, ConnectionPtr, std::less<>> connections_;
  std::map<std::pair<int, Way>, Instant> cut_until_;
};

/// A peer's socket: connects by itself, and again when the connection breaks; keeps what is sent
/// meanwhile.
class Dealer {
 public:
  using Receive = std::function<void(std::string frame)>;
  Dealer(World* world, Network* network, int host, Receive receive);
  ~Dealer();
  Dealer(const Dealer&) = delete;
  Dealer& operator=(const Dealer&) = delete;

  void send(std::string frame);
  /// Closes the connection and opens another; what waits to be sent is lost.
  void reconnect();
  /// The most frames that ever waited for a connection.
  std::size_t waiting_max() const { return waiting_max_; }

 private:
  friend class Network;
  void dial();
  void broken();

  World* world_;
  Network* network_;
  const int host_;
  Receive receive_;
  std::shared_ptr<Dealer*> self_;
  std::shared_ptr<int> dialling_;
  Network::ConnectionPtr connection_;
  std::vector<std::string> waiting_;
  std::size_t waiting_max_ = 0;
};

}  // namespace scopa::sim
