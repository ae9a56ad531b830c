#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "broker/server/access.h"
#include "broker/server/authorized_keys.h"
#include "sdk/base/status.h"
#include "sdk/session/keys.h"

namespace scopa::server {

/// The keys of a broker: its own pair, FOLDER/keys/server.key, and those of its clients.
struct BrokerKeys {
  session::KeyPair own;
  std::unique_ptr<AuthorizedKeys> clients;

  /// Null when `folder` has none: clients are then not asked who they are.
  /// Errors: those of read_secret_file and AuthorizedKeys::open.
  static Result<std::shared_ptr<BrokerKeys>> open(const std::string& folder);
};

/// The keys of the broker of `folder`, where it has some and `listen` has an endpoint for which
/// they count: on unix sockets its own user needs none.
Result<std::shared_ptr<BrokerKeys>> keys_for(const std::string& folder,
                                             const std::vector<std::string>& listen);

/// Asks everybody who connects who they are: ZeroMQ's authentication (ZAP) in a thread of its own,
/// and a count of those who could not say. With it a ROUTER takes messages only from clients with
/// an authorized key (tcp) and from the user who runs the broker (unix sockets, whatever the
/// socket file's mode).
class Door {
 public:
  /// `context` and `router` are ZeroMQ's; the router is not yet bound.
  static Result<std::unique_ptr<Door>> open(void* context, void* router,
                                            std::shared_ptr<BrokerKeys> keys);
  /// After the router has been closed and the context shut down (not yet terminated).
  ~Door();
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;

  /// Before each bind: endpoints that are bound from now on ask so.
  Status ask_for_keys(void* router) const;
  Status ask_for_user(void* router) const;
  /// The router's monitor has told this event of a handshake (ZMQ_EVENT_...). A socket has one
  /// monitor, and the router needs it, too.
  void note(int event, bool is_tcp);

  /// Who it is that the router's messages name `user`; kNone where the key counts no more. The name
  /// is empty for the broker's own user.
  Sender sender(std::string_view user) const;

  /// Connections so far that did not say who they are, or are not done with it. From any thread.
  std::uint64_t refused() const;

 private:
  class Thread;
  Door(std::shared_ptr<BrokerKeys> keys, std::unique_ptr<Thread> thread);
  std::shared_ptr<BrokerKeys> keys_;
  std::unique_ptr<Thread> thread_;
};

}  // namespace scopa::server
