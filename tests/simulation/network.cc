#include "tests/simulation/network.h"

#include <algorithm>
#include <utility>

#include "sdk/base/limits.h"

namespace scopa::sim {

Network::Network(World* world, NetworkOptions options)
    : world_(world), options_(options), random_(world->random("network")) {}

// ---- the broker's side --------------------------------------------------------------------------

void Network::listen(Receive receive) {
  receive_ = std::move(receive);
  broker_ = std::make_shared<int>(0);
}

void Network::broker_died() {
  receive_ = nullptr;
  broker_.reset();
  const auto all = std::move(connections_);
  connections_.clear();
  // Its machine sends on what the process had handed over; some of it still arrives.
  for (const auto& [id, connection] : all) break_off(connection);
}

bool Network::send_down(const std::string& routing_id, std::string frame) {
  const auto found = connections_.find(routing_id);
  if (found == connections_.end()) return false;
  if (found->second->broken && world_->now() >= found->second->broker_knows) {
    connections_.erase(found);
    return false;
  }
  transmit(found->second, Way::kDown, std::move(frame));
  return true;
}

// ---- on the way ---------------------------------------------------------------------------------

void Network::transmit(const ConnectionPtr& connection, Way way, std::string frame) {
  if (connection->broken) return;
  if (options_.hostile && random_.chance(options_.loss)) return world_->injected("frame lost");
  if (options_.hostile && random_.chance(options_.duplicate)) {
    world_->injected("frame repeated");
    launch(connection, way, frame);
  }
  if (is_cut(connection->host, way)) {
    connection->held[static_cast<std::size_t>(way)].push_back(std::move(frame));
    return;
  }
  launch(connection, way, std::move(frame));
}

void Network::launch(const ConnectionPtr& connection, Way way, std::string frame) {
  Instant at = world_->now() + random_.time(options_.delay_min, options_.delay_max);
  if (options_.hostile && random_.chance(options_.late)) {
    world_->injected("frame late");
    at += random_.time(milliseconds(5), seconds(20));
  } else {
    Instant& last = connection->last[static_cast<std::size_t>(way)];
    last = at = std::max(at, last);
  }
  const std::shared_ptr<void> guard = way == Way::kUp ? broker_ : nullptr;
  const auto deliver = [this, connection, way, frame = std::move(frame)] {
    arrive(connection, way, frame, false);
  };
  const microseconds delay = std::chrono::duration_cast<microseconds>(at - world_->now());
  if (way == Way::kUp) return world_->after(delay, guard, deliver);
  world_->after(delay, deliver);
}

void Network::arrive(const ConnectionPtr& connection, Way way, const std::string& frame,
                     bool last_words) {
  // What was on its way when the connection broke is mostly lost with it, yet a closed socket's
  // last frames may come after the first ones of the next connection.
  if (connection->broken && !last_words) {
    if (random_.chance(0.7)) return;
    const microseconds later = random_.time(microseconds(100), seconds(2));
    const auto deliver = [this, connection, way, frame] { arrive(connection, way, frame, true); };
    if (way == Way::kUp) return world_->after(later, broker_, deliver);
    return;
  }
  if (way == Way::kUp) {
    if (receive_) receive_(std::to_string(connection->id), frame);
    return;
  }
  const auto dealer = connection->dealer.lock();
  if (dealer && (*dealer)->connection_ == connection) (*dealer)->receive_(frame);
}

// ---- partitions and breaks ----------------------------------------------------------------------

bool Network::is_cut(int host, Way way) const {
  const auto found = cut_until_.find({host, way});
  return found != cut_until_.end() && world_->now() < found->second;
}

void Network::partition(int host, Way way, microseconds duration) {
  Instant& until = cut_until_[{host, way}];
  until = std::max(until, world_->now() + duration);
  world_->after(duration, [this, host, way] { heal(host, way); });
}

void Network::heal(int host, Way way) {
  if (is_cut(host, way)) return;
  std::vector<ConnectionPtr> healed;
  for (const auto& [id, each] : connections_) {
    if (each->host == host) healed.push_back(each);
  }
  for (const ConnectionPtr& each : healed) {
    if (random_.chance(0.3)) {
      break_off(each);
      continue;
    }
    auto held = std::move(each->held[static_cast<std::size_t>(way)]);
    each->held[static_cast<std::size_t>(way)].clear();
    for (std::string& frame : held) launch(each, way, std::move(frame));
  }
}

void Network::reset(int host) {
  std::vector<ConnectionPtr> all;
  for (const auto& [id, each] : connections_) {
    if (each->host == host && !each->broken) all.push_back(each);
  }
  for (const ConnectionPtr& each : all) break_off(each);
}

void Network::be_kind() {
  options_.loss = options_.duplicate = options_.late = 0;
  for (auto& [key, until] : cut_until_) until = world_->now();
  for (const auto& [key, until] : cut_until_) heal(key.first, key.second);
}

Network::ConnectionPtr Network::connect(int host, const std::shared_ptr<Dealer*>& dealer) {
  if (!receive_ || is_cut(host, Way::kUp) || is_cut(host, Way::kDown)) return nullptr;
  auto made = std::make_shared<Connection>();
  made->id = ++ids_;
  made->host = host;
  made->dealer = dealer;
  connections_[std::to_string(made->id)] = made;
  return made;
}

void Network::break_off(const ConnectionPtr& connection) {
  if (std::exchange(connection->broken, true)) return;
  connection->broker_knows = world_->now() + random_.time(milliseconds(1), seconds(20));
  for (auto& held : connection->held) held.clear();
  const auto dealer = connection->dealer;
  world_->after(random_.time(milliseconds(1), milliseconds(300)), [dealer, connection] {
    const auto found = dealer.lock();
    if (found && (*found)->connection_ == connection) (*found)->broken();
  });
}

// ---- the peer's side ----------------------------------------------------------------------------

Dealer::Dealer(World* world, Network* network, int host, Receive receive)
    : world_(world),
      network_(network),
      host_(host),
      receive_(std::move(receive)),
      self_(std::make_shared<Dealer*>(this)) {
  dial();
}

Dealer::~Dealer() {
  if (connection_) network_->break_off(connection_);
}

void Dealer::dial() {
  connection_ = network_->connect(host_, self_);
  if (!connection_) {
    dialling_ = std::make_shared<int>(0);
    const microseconds pause = network_->random_.time(milliseconds(100), limits::kDialMax);
    return world_->after(pause, dialling_, [this] { dial(); });
  }
  auto waiting = std::move(waiting_);
  waiting_.clear();
  for (std::string& frame : waiting) network_->transmit(connection_, Way::kUp, std::move(frame));
}

void Dealer::broken() {
  connection_ = nullptr;
  dial();
}

void Dealer::send(std::string frame) {
  if (connection_) return network_->transmit(connection_, Way::kUp, std::move(frame));
  if (waiting_.size() >= limits::kSendQueueMessages) return;
  waiting_.push_back(std::move(frame));
  waiting_max_ = std::max(waiting_max_, waiting_.size());
}

void Dealer::reconnect() {
  if (connection_) network_->break_off(connection_);
  waiting_.clear();
  dialling_.reset();
  dial();
}

}  // namespace scopa::sim
