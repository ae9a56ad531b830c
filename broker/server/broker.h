#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "broker/server/connections.h"
#include "broker/store/store.h"
#include "sdk/base/limits.h"
#include "sdk/base/status.h"
#include "sdk/wire/messages.h"

namespace scopa::server {

struct BrokerOptions {
  std::string folder = ".scopa";
  /// ZeroMQ endpoints, e.g. "tcp://127.0.0.1:7654", "tcp://127.0.0.1:*",
  /// "ipc:///run/scopa/broker.sock".
  std::vector<std::string> listen;
  /// Whether to listen beyond loopback although clients are not authenticated. With keys in
  /// `folder` (keys/server.key) clients are, and this is refused.
  bool insecure = false;
  store::Durability durability = store::Durability::kPower;
  std::chrono::microseconds lease = limits::kLease;
  std::chrono::microseconds heartbeat = limits::kHeartbeat;
  /// What a client may cost that does not read, does not speak, or asks too much.
  ConnectionBounds connections = {};
  /// Whether SIGTERM and SIGINT end run(), and SIGHUP does not; off when embedded.
  bool handle_signals = true;
  /// Instead of Store::open, for tests whose disk fails. It heeds `durability` itself.
  std::function<Result<std::unique_ptr<store::Store>>()> open_store;
};

/// What a broker has done since it was opened.
struct BrokerTotals {
  std::uint64_t frames = 0;           ///< that came
  std::uint64_t garbage = 0;          ///< of them that could not be read
  std::uint64_t commits = 0;          ///< rounds made durable
  std::uint64_t replies_dropped = 0;  ///< to clients that do not read
  std::uint64_t refused = 0;          ///< connections that could not say who they are
  std::uint64_t denied = 0;           ///< frames that their sender's role does not allow
  std::uint64_t closed = 0;           ///< connections that were silent or did not read
  std::uint64_t suggested = 0;        ///< suggestions that were asked for
  std::uint64_t ahead = 0;            ///< of them computed before, from all that was known
  std::uint64_t overtaken = 0;        ///< of them computed before, from all but the latest
};

/// A running broker: sockets, store, model thread, committer thread.
///
///     auto broker = Broker::open({.listen = {"tcp://127.0.0.1:7654"}});
///     if (!broker) return print_error(broker.status());
///     Status end = (*broker)->run();   // until stop() or a signal
class Broker {
 public:
  /// Opens the store, rebuilds the state and binds the endpoints. Writes `folder/endpoint` (the
  /// bound endpoints, one a line) for clients on this machine; it is removed by an orderly
  /// shutdown. Errors: those of Store::open; kConflict for a port or socket in use (says how to
  /// find out by whom); kInvalidArgument for an endpoint that is none or not loopback without
  /// `insecure` or keys; kDenied for keys that others can read or write.
  static Result<std::unique_ptr<Broker>> open(BrokerOptions options);
  virtual ~Broker() = default;

  /// Serves until stop() or a signal; then answers what is committed, and closes. While the store
  /// cannot be written only questions are answered (standing.h). Returns a failure when the last
  /// commit failed.
  virtual Status run() = 0;
  /// From any thread; run() returns soon after.
  virtual void stop() = 0;
  /// Where clients reach it: "*" has become a port, and an address that means all of them the name
  /// of the machine.
  virtual std::vector<std::string> endpoints() const = 0;
  /// From any thread.
  virtual BrokerTotals totals() const = 0;
};

/// A store without a broker: the same core answers one request after the other, in this thread. For
/// commands on a folder where no broker runs.
class Offline {
 public:
  static Result<std::unique_ptr<Offline>> open(const std::string& folder, store::OpenMode mode);
  virtual ~Offline() = default;
  /// The reply to a command-line message (Create, Control, Enqueue, Backup, queries).
  virtual Result<wire::Message> request(const wire::Message& message) = 0;
};

}  // namespace scopa::server
