#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/base/status.h"
#include "sdk/session/client.h"
#include "sdk/session/client_keys.h"
#include "sdk/session/environment.h"

namespace scopa::session {

inline constexpr const char* kDefaultEndpoint = "tcp://127.0.0.1:7654";

/// How long a worker waits for a broker that is away: a minute, and under SLURM, where a task that
/// fails does not come back, ten.
std::chrono::seconds patience_for_broker(const Environment& env);

/// Whether `text` looks like one: tcp://… or ipc://….
bool is_endpoint(std::string_view text);

/// Where a broker may be, and which keys it asks for.
struct BrokerPlace {
  std::string endpoint;
  KeyChoice keys;
};

/// The endpoints that a broker of this folder wrote down; empty where none did.
std::vector<std::string> recorded_endpoints(const std::string& folder);

/// Where the broker of `folder` is, in the order in which to try: what this machine alone can use
/// first, as a host name may not be known here. The folder's files say whether it has keys; if so,
/// its unix socket, which is for its own user and needs none, is the first. `given` is what was
/// said about keys.
std::vector<BrokerPlace> broker_places(const std::string& folder, const KeyChoice& given);

/// A broker that has answered.
struct FoundBroker {
  std::unique_ptr<Client> client;
  std::string endpoint;
  ClientKeysPtr keys;
};

/// The first of `places` at which one answers, each within `timeout`.
/// Errors: kUnavailable, which names them all, when nobody answers anywhere; else that of the first
/// that is there and does not let us in.
Result<FoundBroker> find_broker(const std::vector<BrokerPlace>& places,
                                std::chrono::milliseconds timeout, const Environment& env);

}  // namespace scopa::session
