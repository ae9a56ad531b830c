#include "cli/connect.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "broker/server/broker.h"
#include "sdk/session/client.h"

namespace scopa::cli {
namespace {

using std::chrono::milliseconds;

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

/// Where a broker may be, and which keys it asks for.
struct Candidate {
  std::string endpoint;
  session::KeyChoice keys;
};

/// `tried` is empty when a broker was found.
struct Search {
  std::unique_ptr<Link> link;
  std::string tried;
  Status failure;  // of a broker that is there but will not talk to us
};

Result<std::unique_ptr<Link>> try_candidate(const Candidate& candidate) {
  SCOPA_ASSIGN_OR_RETURN(session::ClientKeysPtr keys,
                         session::find_client_keys(candidate.endpoint, candidate.keys,
                                                   session::process_environment()));
  return connect_to(candidate.endpoint, std::move(keys));
}

Search find_broker(const std::vector<Candidate>& candidates) {
  Search search;
  for (const Candidate& candidate : candidates) {
    Result<std::unique_ptr<Link>> link = try_candidate(candidate);
    if (link) {
      search.link = std::move(*link);
      return search;
    }
    // Where nobody listens, the store in the folder may answer.
    if (link.status().code() != Code::kUnavailable && search.failure) {
      search.failure = link.status();
    }
    search.tried += (search.tried.empty() ? "" : ", ") + candidate.endpoint;
  }
  return search;
}

/// The broker of a folder on this machine says by its files whether it has keys; if so, its unix
/// socket is for its own user, and comes first, since it needs none.
std::vector<Candidate> candidates_in(const Context& context) {
  const session::KeyChoice given{context.globals.key, context.globals.server_key};
  const std::string server = context.folder() + "/keys/server.pub";
  std::error_code ignored;
  const bool has_keys = std::filesystem::exists(server, ignored);
  std::vector<Candidate> all;
  for (const std::string& endpoint : recorded_endpoints(context.folder())) {
    Candidate candidate{endpoint, given};
    if (!has_keys && given.key.empty()) candidate.keys.key = "none";
    if (has_keys && given.server_key.empty()) candidate.keys.server_key = server;
    all.push_back(std::move(candidate));
  }
  if (has_keys) {
    std::stable_partition(all.begin(), all.end(),
                          [](const Candidate& c) { return c.endpoint.starts_with("ipc://"); });
  }
  return all;
}

std::vector<Candidate> candidates(const Context& context, bool with_default) {
  const session::KeyChoice given{context.globals.key, context.globals.server_key};
  if (const std::string url = given_url(context); !url.empty()) return {{url, given}};
  std::vector<Candidate> all = candidates_in(context);
  if (with_default && context.globals.dir.empty()) all.push_back({kDefaultEndpoint, given});
  return all;
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

Status nobody(const Context& context, const Search& search) {
  const std::string url = given_url(context);
  if (is_of_another_user(url)) {
    return {Code::kDenied, "permission denied at " + url + ": the socket is another user's",
            "ask whoever runs that broker for a key (docs/security.md), or work as that user"};
  }
  if (search.tried.empty()) {
    return {
        Code::kUnavailable, "no broker and no store in `" + context.folder() + "`",
        "`scopa broker --dir " + context.folder() + "` starts one; `scopa run FILE` needs none"};
  }
  const bool ipc = url.rfind("ipc://", 0) == 0;
  const std::string how =
      url.empty() || ipc ? "`scopa broker`" : "`scopa broker --listen " + url + "`";
  return {Code::kUnavailable, "no broker answers at " + search.tried,
          "start one with " + how + (url.empty() ? ", or name it with --url or SCOPA_URL" : "")};
}

bool is_endpoint(const std::string& url) {
  return url.rfind("tcp://", 0) == 0 || url.rfind("ipc://", 0) == 0;
}

}  // namespace

std::vector<std::string> recorded_endpoints(const std::string& folder) {
  std::vector<std::string> endpoints;
  std::ifstream file(folder + "/endpoint");
  std::string line;
  while (endpoints.size() < 16 && std::getline(file, line)) {
    if (is_endpoint(line)) endpoints.push_back(line);
  }
  return endpoints;
}

Result<std::unique_ptr<Link>> connect_to(const std::string& endpoint, session::ClientKeysPtr keys) {
  SCOPA_ASSIGN_OR_RETURN(auto client,
                         session::Client::connect(endpoint, std::chrono::seconds(3), keys,
                                                  session::Client::Absent::kGiveUp));
  return std::unique_ptr<Link>(
      std::make_unique<BrokerLink>(std::move(client), endpoint, std::move(keys)));
}

Result<std::unique_ptr<Link>> connect_broker(const Context& context) {
  const std::string url = given_url(context);
  if (!url.empty() && !is_endpoint(url)) return bad_endpoint(url);
  Search search = find_broker(candidates(context, true));
  if (search.link) return std::move(search.link);
  if (!search.failure) return search.failure;
  return nobody(context, search);
}

Result<std::unique_ptr<Link>> connect(const Context& context, Access access) {
  const std::string url = given_url(context);
  if (!url.empty() || !has_store(context.folder())) return connect_broker(context);
  Search search = find_broker(candidates(context, false));
  if (search.link) return std::move(search.link);
  if (!search.failure) return search.failure;
  const auto mode =
      access == Access::kRead ? store::OpenMode::kReadOnly : store::OpenMode::kReadWrite;
  SCOPA_ASSIGN_OR_RETURN(auto store, server::Offline::open(context.folder(), mode));
  return std::unique_ptr<Link>(std::make_unique<FolderLink>(std::move(store), context.folder()));
}

}  // namespace scopa::cli
