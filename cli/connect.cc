#include "cli/connect.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "broker/server/broker.h"
#include "cli/store_user.h"
#include "sdk/session/client.h"
#include "sdk/session/environment.h"

namespace scopa::cli {
namespace {

using std::chrono::milliseconds;

/// For a broker that starts, or a command that has the store: most are done in a tenth of it.
constexpr std::chrono::seconds kStartPatience{5};
constexpr milliseconds kLookAgain{50};

class BrokerLink : public Link {
 public:
  BrokerLink(std::unique_ptr<session::Client> client, std::string endpoint,
             session::ClientKeysPtr keys)
      : client_(std::move(client)), endpoint_(std::move(endpoint)), keys_(std::move(keys)) {}
  Result<wire::Message> request(wire::Message message, milliseconds timeout) override {
    return client_->request(std::move(message), timeout);
  }
  const std::string& place() const override { return endpoint_; }
  bool is_broker() const override { return true; }
  session::ClientKeysPtr keys() const override { return keys_; }

 private:
  std::unique_ptr<session::Client> client_;
  std::string endpoint_;
  session::ClientKeysPtr keys_;
};

class FolderLink : public Link {
 public:
  FolderLink(std::unique_ptr<server::Offline> store, std::string folder)
      : store_(std::move(store)), folder_(std::move(folder)) {}
  Result<wire::Message> request(wire::Message message, milliseconds) override {
    return store_->request(message);
  }
  const std::string& place() const override { return folder_; }
  bool is_broker() const override { return false; }

 private:
  std::unique_ptr<server::Offline> store_;
  std::string folder_;
};

bool has_store(const std::string& folder) {
  std::error_code ignored;
  return std::filesystem::is_directory(folder + "/store", ignored);
}

std::string given_url(const Context& context) {
  if (!context.globals.url.empty()) return context.globals.url;
  const char* url = std::getenv("SCOPA_URL");
  return url == nullptr ? std::string() : std::string(url);
}

std::vector<session::BrokerPlace> places_of(const Context& context, bool with_default) {
  const session::KeyChoice given{context.globals.key, context.globals.server_key};
  if (const std::string url = given_url(context); !url.empty()) return {{url, given}};
  std::vector<session::BrokerPlace> all = session::broker_places(context.folder(), given);
  // Not while one of this folder is starting: another broker is not meant.
  if (with_default && context.globals.dir.empty() && !store_user(context.folder())) {
    all.push_back({kDefaultEndpoint, given});
  }
  return all;
}

std::unique_ptr<Link> link_to(session::FoundBroker found) {
  return std::make_unique<BrokerLink>(std::move(found.client), std::move(found.endpoint),
                                      std::move(found.keys));
}

Status bad_endpoint(const std::string& url) {
  return {Code::kInvalidArgument, "`" + url + "` is no endpoint",
          "endpoints look like `tcp://host:7654` or `ipc:///path/to/broker.sock`"};
}

bool is_of_another_user(const std::string& url) {
  constexpr std::string_view kIpc = "ipc://";
  if (!url.starts_with(kIpc) || url.starts_with("ipc://@")) return false;
  return access(url.substr(kIpc.size()).c_str(), W_OK) != 0 && errno == EACCES;
}

Status nobody(const Context& context, const Status& failure) {
  const std::string url = given_url(context);
  if (is_of_another_user(url)) {
    return {Code::kDenied, "permission denied at " + url + ": the socket is another user's",
            "ask whoever runs that broker for a key (docs/security.md), or work as that user"};
  }
  const bool ipc = url.rfind("ipc://", 0) == 0;
  const std::string how =
      url.empty() || ipc ? "`scopa broker`" : "`scopa broker --listen " + url + "`";
  return {Code::kUnavailable, failure.message(),
          "start one with " + how + (url.empty() ? ", or name it with --url or SCOPA_URL" : "")};
}

Status still_starting(const Context& context, std::int64_t user) {
  return {Code::kUnavailable,
          "process " + std::to_string(user) + " has the store in `" + context.folder() +
              "` and does not answer: it is starting, or hangs",
          "try again; a large store takes a while to be read"};
}

Status nowhere(const Context& context) {
  if (const auto user = store_user(context.folder())) return still_starting(context, *user);
  return {Code::kUnavailable, "no broker and no store in `" + context.folder() + "`",
          "`scopa broker --dir " + context.folder() + "` starts one; `scopa run FILE` needs none"};
}

Result<std::unique_ptr<Link>> connect_once(const Context& context, Access access) {
  const std::string url = given_url(context);
  const bool is_new = !has_store(context.folder()) && !store_user(context.folder());
  if (!url.empty() || is_new) return connect_broker(context);
  const auto places = places_of(context, false);
  if (!places.empty()) {
    auto found = session::find_broker(places, kAnswerTimeout, session::process_environment());
    if (found) return link_to(std::move(*found));
    // Where nobody listens, the store in the folder may answer.
    if (found.status().code() != Code::kUnavailable) return found.status();
  }
  const auto mode =
      access == Access::kRead ? store::OpenMode::kReadOnly : store::OpenMode::kReadWrite;
  SCOPA_ASSIGN_OR_RETURN(auto store, server::Offline::open(context.folder(), mode));
  return std::unique_ptr<Link>(std::make_unique<FolderLink>(std::move(store), context.folder()));
}

/// Whether a little later all may be well: a broker that starts has the store and does not answer
/// yet; a command that changes the store is done soon.
bool may_pass(const Status& status, bool is_in_use) {
  switch (status.code()) {
    case Code::kConflict:
      return true;
    case Code::kUnavailable:
    case Code::kNotFound:
    case Code::kCorruption:
    case Code::kResource:
      return is_in_use;
    default:
      return false;
  }
}

}  // namespace

Result<std::unique_ptr<Link>> connect_to(const std::string& endpoint, session::ClientKeysPtr keys) {
  SCOPA_ASSIGN_OR_RETURN(auto client, session::Client::connect(endpoint, kAnswerTimeout, keys,
                                                               session::Client::Absent::kGiveUp));
  return std::unique_ptr<Link>(
      std::make_unique<BrokerLink>(std::move(client), endpoint, std::move(keys)));
}

Result<std::unique_ptr<Link>> connect_broker(const Context& context, milliseconds timeout) {
  const std::string url = given_url(context);
  if (!url.empty() && !session::is_endpoint(url)) return bad_endpoint(url);
  const auto places = places_of(context, true);
  if (places.empty()) return nowhere(context);
  auto found = session::find_broker(places, timeout, session::process_environment());
  if (found) return link_to(std::move(*found));
  if (found.status().code() != Code::kUnavailable) return found.status();
  return nobody(context, found.status());
}

Result<std::unique_ptr<Link>> connect(const Context& context, Access access) {
  const auto until = std::chrono::steady_clock::now() + kStartPatience;
  while (true) {
    auto link = connect_once(context, access);
    if (link || !given_url(context).empty()) return link;
    const auto user = store_user(context.folder());
    if (!may_pass(link.status(), user.has_value())) return link;
    if (std::chrono::steady_clock::now() >= until) {
      return user && link.status().code() != Code::kConflict ? still_starting(context, *user)
                                                             : link.status();
    }
    std::this_thread::sleep_for(kLookAgain);
  }
}

}  // namespace scopa::cli
