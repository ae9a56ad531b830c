#include "cli/embedded_broker.h"

#include <sys/un.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace scopa::cli {

Result<LocalEndpoint> local_endpoint(const std::string& folder) {
  std::error_code error;
  const std::filesystem::path path = std::filesystem::absolute(folder, error) / "broker.sock";
  if (error) {
    return Status(Code::kInvalidArgument, "`" + folder + "` is no folder: " + error.message());
  }
  const std::string text = path.lexically_normal().string();
  if (text.size() < sizeof(sockaddr_un::sun_path)) return LocalEndpoint{"ipc://" + text, ""};
  std::string made = "/tmp/scopa-XXXXXX";
  if (mkdtemp(made.data()) == nullptr) {
    return Status(Code::kResource,
                  "cannot make a folder in /tmp: " + std::string(std::strerror(errno)));
  }
  return LocalEndpoint{"ipc://" + made + "/broker.sock", made};
}

store::Durability durability_of(const std::string& name) {
  return name == "process" ? store::Durability::kProcess : store::Durability::kPower;
}

Result<std::unique_ptr<server::Broker>> open_broker(const server::BrokerOptions& options) {
  constexpr std::chrono::milliseconds kCommandPatience{1000};
  constexpr std::chrono::milliseconds kRetryAfter{20};
  const auto until = std::chrono::steady_clock::now() + kCommandPatience;
  while (true) {
    auto broker = server::Broker::open(options);
    const bool in_use = !broker && broker.status().code() == Code::kConflict;
    if (!in_use || std::chrono::steady_clock::now() >= until) return broker;
    std::this_thread::sleep_for(kRetryAfter);
  }
}

Result<std::unique_ptr<EmbeddedBroker>> EmbeddedBroker::start(const std::string& folder,
                                                              store::Durability durability) {
  auto self = std::unique_ptr<EmbeddedBroker>(new EmbeddedBroker);
  SCOPA_ASSIGN_OR_RETURN(self->local_, local_endpoint(folder));
  server::BrokerOptions options;
  options.folder = folder;
  options.listen = {self->local_.endpoint};
  options.handle_signals = false;
  options.durability = durability;
  SCOPA_ASSIGN_OR_RETURN(self->broker_, open_broker(options));
  self->thread_ = std::thread([raw = self.get()] {
    raw->status_ = raw->broker_->run();
    raw->ended_ = true;
  });
  return self;
}

Status EmbeddedBroker::finish() {
  if (thread_.joinable()) {
    broker_->stop();
    thread_.join();
    broker_.reset();
  }
  if (!local_.made.empty()) {
    std::error_code ignored;
    std::filesystem::remove_all(local_.made, ignored);
    local_.made.clear();
  }
  return status_;
}

}  // namespace scopa::cli
