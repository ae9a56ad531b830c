#include "sdk/session/broker_search.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "sdk/base/limits.h"

namespace scopa::session {
namespace {

constexpr std::size_t kRecordedMax = 16;

bool is_unix_socket(const std::string& endpoint) { return endpoint.starts_with("ipc://"); }

bool is_loopback(const std::string& endpoint) {
  return endpoint.starts_with("tcp://127.") || endpoint.starts_with("tcp://[::1]");
}

Result<FoundBroker> try_place(const BrokerPlace& place, std::chrono::milliseconds timeout,
                              const Environment& env) {
  FoundBroker found;
  found.endpoint = place.endpoint;
  SCOPA_ASSIGN_OR_RETURN(found.keys, find_client_keys(place.endpoint, place.keys, env));
  SCOPA_ASSIGN_OR_RETURN(
      found.client, Client::connect(place.endpoint, timeout, found.keys, Client::Absent::kGiveUp));
  return found;
}

}  // namespace

std::chrono::seconds patience_for_broker(const Environment& env) {
  return is_in_slurm(env) ? limits::kPatienceInSlurm : limits::kPatienceIdle;
}

bool is_endpoint(std::string_view text) {
  return text.starts_with("tcp://") || text.starts_with("ipc://");
}

std::vector<std::string> recorded_endpoints(const std::string& folder) {
  std::vector<std::string> endpoints;
  std::ifstream file(folder + "/endpoint");
  std::string line;
  while (endpoints.size() < kRecordedMax && std::getline(file, line)) {
    if (is_endpoint(line)) endpoints.push_back(line);
  }
  return endpoints;
}

std::vector<BrokerPlace> broker_places(const std::string& folder, const KeyChoice& given) {
  const std::string server = folder + "/keys/server.pub";
  std::error_code ignored;
  const bool has_keys = std::filesystem::exists(server, ignored);
  std::vector<BrokerPlace> places;
  for (const std::string& endpoint : recorded_endpoints(folder)) {
    BrokerPlace place{endpoint, given};
    if (!has_keys && given.key.empty()) place.keys.key = "none";
    if (has_keys && given.server_key.empty()) place.keys.server_key = server;
    places.push_back(std::move(place));
  }
  std::stable_partition(places.begin(), places.end(), [has_keys](const BrokerPlace& place) {
    return is_unix_socket(place.endpoint) || (!has_keys && is_loopback(place.endpoint));
  });
  return places;
}

Result<FoundBroker> find_broker(const std::vector<BrokerPlace>& places,
                                std::chrono::milliseconds timeout, const Environment& env) {
  Status failure;
  std::string tried;
  for (const BrokerPlace& place : places) {
    Result<FoundBroker> found = try_place(place, timeout, env);
    if (found) return found;
    if (found.status().code() != Code::kUnavailable && failure) failure = found.status();
    tried += (tried.empty() ? "" : ", ") + place.endpoint;
  }
  if (!failure) return failure;
  return Status{Code::kUnavailable, "no broker answers at " + tried};
}

}  // namespace scopa::session
