#include "sdk/session/client_keys.h"

#include <unistd.h>

#include <utility>

#include "sdk/base/environment.h"
#include "sdk/base/text.h"

namespace scopa::session {
namespace {

constexpr std::string_view kNone = "none";

std::string first_of(const std::string& given, const Environment& env, const char* variable) {
  return given.empty() ? env(variable).value_or("") : given;
}

bool is_there(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

Status read_server_key(const std::string& given, ClientKeys* keys) {
  // A key may look like a path, but hardly ever like one that is there.
  if (is_key(given) && !is_there(given)) {
    keys->server = given;
    keys->server_path = "the key that was given";
    return Status::ok();
  }
  SCOPA_ASSIGN_OR_RETURN(PublicKey server, read_public_file(given, Writers::kTrusted));
  if (!server.is_server) {
    return {Code::kInvalidArgument,
            "`" + printable(given) + "` is the public key of a client, not of a broker",
            "the broker's is keys/server.pub in its folder"};
  }
  keys->server = std::move(server.key);
  keys->server_path = given;
  return Status::ok();
}

}  // namespace

std::string default_key_folder(const Environment& env) {
  if (const auto config = env("XDG_CONFIG_HOME"); config && !config->empty()) {
    return *config + "/scopa";
  }
  const auto home = env("HOME");
  return home && !home->empty() ? *home + "/.config/scopa" : "";
}

std::string missing_half(const Environment& env) {
  const std::string folder = default_key_folder(env);
  if (folder.empty()) return "";
  const std::string key = folder + "/client.key";
  const std::string server = folder + "/server.pub";
  if (is_there(key) == is_there(server)) return "";
  return is_there(key) ? server : key;
}

Result<ClientKeysPtr> find_client_keys(const std::string& endpoint, const KeyChoice& choice,
                                       const Environment& env) {
  if (endpoint.starts_with("ipc://")) return ClientKeysPtr();
  std::string key = first_of(choice.key, env, environment::kKey);
  std::string server = first_of(choice.server_key, env, environment::kServerKey);
  if (key == kNone) return ClientKeysPtr();
  const bool is_asked_for = !key.empty() || !server.empty();
  const std::string folder = default_key_folder(env);
  if (key.empty()) key = folder + "/client.key";
  if (server.empty()) server = folder + "/server.pub";
  // What lies in the default places counts when it is whole.
  if (!is_asked_for && (folder.empty() || !is_there(key) || !is_there(server))) {
    return ClientKeysPtr();
  }
  if (is_asked_for && !is_key(server) && !is_there(server)) {
    return Status{Code::kNotFound,
                  "the broker's public key is not there: `" + printable(server) + "`",
                  "copy keys/server.pub from the broker's folder and name it with --server-key "
                  "or SCOPA_SERVER_KEY, or put it at " +
                      folder + "/server.pub"};
  }
  auto keys = std::make_shared<ClientKeys>();
  SCOPA_ASSIGN_OR_RETURN(keys->own, read_secret_file(key));
  keys->own_path = key;
  SCOPA_RETURN_IF_ERROR(read_server_key(server, keys.get()));
  if (keys->own.open.is_server) {
    return Status{Code::kInvalidArgument, "`" + printable(key) + "` is the key of a broker",
                  "make one for this client with `scopa keygen`"};
  }
  return ClientKeysPtr(std::move(keys));
}

}  // namespace scopa::session
