#pragma once

#include <memory>
#include <string>

#include "sdk/base/status.h"
#include "sdk/session/environment.h"
#include "sdk/session/keys.h"

namespace scopa::session {

/// With what a client proves who it is, and by what it knows the broker.
struct ClientKeys {
  KeyPair own;
  std::string own_path;
  std::string server;       ///< the broker's public key, Z85
  std::string server_path;  ///< for messages: its file, or "the key that was given"
};
/// None: the connection is plain.
using ClientKeysPtr = std::shared_ptr<const ClientKeys>;

/// What was said about keys. Empty: see below.
struct KeyChoice {
  std::string key;         ///< file of the secret key; "none": no keys
  std::string server_key;  ///< the broker's public file, or the key itself
};

/// The keys for a connection to `endpoint`: what `choice` names; else SCOPA_KEY and
/// SCOPA_SERVER_KEY; else client.key and server.pub in default_key_folder(), when both are there;
/// else none. A unix socket needs none: whoever can open it is its owner.
/// Errors: those of read_secret_file and read_public_file; kInvalidArgument for one half without
/// the other.
Result<ClientKeysPtr> find_client_keys(const std::string& endpoint, const KeyChoice& choice,
                                       const Environment& env);

/// Of client.key and server.pub in default_key_folder() the one that is missing where only the
/// other one is there; else empty.
std::string missing_half(const Environment& env);

/// "$XDG_CONFIG_HOME/scopa", else "$HOME/.config/scopa"; empty without a home.
std::string default_key_folder(const Environment& env);

}  // namespace scopa::session
