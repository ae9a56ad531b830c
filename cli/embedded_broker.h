#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "broker/server/broker.h"
#include "sdk/base/status.h"

namespace scopa::cli {

/// A unix socket's endpoint in `folder`, or in a new folder under /tmp where the path would be too
/// long for one. `made` is that new folder, to be removed after use; else empty.
struct LocalEndpoint {
  std::string endpoint;
  std::string made;
};
Result<LocalEndpoint> local_endpoint(const std::string& folder);

/// What --durability says: "power" or "process".
store::Durability durability_of(const std::string& name);

/// Broker::open, but a command that has the store for a moment is waited for, a second at most.
Result<std::unique_ptr<server::Broker>> open_broker(const server::BrokerOptions& options);

/// A broker in a thread of this process, reachable on this machine alone.
class EmbeddedBroker {
 public:
  /// Errors: those of Broker::open.
  static Result<std::unique_ptr<EmbeddedBroker>> start(const std::string& folder,
                                                       store::Durability durability);
  ~EmbeddedBroker() { (void)finish(); }
  EmbeddedBroker(const EmbeddedBroker&) = delete;
  EmbeddedBroker& operator=(const EmbeddedBroker&) = delete;

  const std::string& endpoint() const { return local_.endpoint; }
  /// Whether it has ended though nobody told it to.
  bool has_ended() const { return ended_.load(); }
  /// Ends it and returns how it went.
  Status finish();

 private:
  EmbeddedBroker() = default;
  LocalEndpoint local_;
  std::unique_ptr<server::Broker> broker_;
  std::thread thread_;
  std::atomic<bool> ended_ = false;
  Status status_;
};

}  // namespace scopa::cli
