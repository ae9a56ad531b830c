#include "sdk/src/worker_place.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "sdk/base/limits.h"
#include "sdk/base/text.h"
#include "sdk/session/broker_search.h"

namespace scopa::sdk {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

/// So that it is said in time who is away.
constexpr milliseconds kFirstTimeout{900};
constexpr milliseconds kTimeout{3000};
constexpr milliseconds kPauseFirst{100};
constexpr milliseconds kPauseMax{1000};
constexpr double kWaitMaxSeconds = 1e8;

std::string text_of(const char* text) { return text == nullptr ? "" : text; }

std::vector<session::BrokerPlace> places_of(const scopa_worker_options& options,
                                            const session::Environment& env) {
  const session::KeyChoice keys{text_of(options.key), text_of(options.server_key)};
  std::string url = text_of(options.url);
  if (url.empty()) url = env("SCOPA_URL").value_or("");
  if (!url.empty()) return {{url, keys}};
  const std::string folder = text_of(options.folder);
  auto places = session::broker_places(folder.empty() ? ".scopa" : folder, keys);
  places.push_back({session::kDefaultEndpoint, keys});
  return places;
}

milliseconds patience_of(const scopa_worker_options& options, const session::Environment& env) {
  if (options.wait_seconds < 0) return milliseconds(0);
  if (!(options.wait_seconds > 0)) return session::patience_for_broker(env);
  const double seconds = std::min(options.wait_seconds, kWaitMaxSeconds);
  return milliseconds(std::llround(seconds * 1000));
}

std::string text_of(milliseconds time) {
  if (time.count() % 60'000 == 0) return std::to_string(time.count() / 60'000) + " min";
  return std::to_string((time.count() + 999) / 1000) + " s";
}

Result<session::FoundBroker> await_broker(const scopa_worker_options& options,
                                          const session::Environment& env,
                                          const std::function<void(std::string_view)>& tell) {
  const milliseconds patience = patience_of(options, env);
  const auto until = Clock::now() + patience;
  milliseconds timeout = kFirstTimeout;
  milliseconds pause = kPauseFirst;
  bool told = false;
  while (true) {
    // Looked for anew each time: a broker that starts meanwhile writes down where it is.
    auto found = session::find_broker(places_of(options, env), timeout, env);
    if (found && told) tell("the broker at " + found->endpoint + " answers");
    if (found || found.status().code() != Code::kUnavailable) return found;
    const auto left = std::chrono::ceil<milliseconds>(until - Clock::now());
    if (left.count() <= 0) {
      return Status{Code::kUnavailable,
                    found.status().message() +
                        (patience.count() > 0 ? ", for " + text_of(patience) : std::string()),
                    "start one with `scopa broker`, or name it with the option url or SCOPA_URL"};
    }
    if (!std::exchange(told, true)) {
      tell(found.status().message() + "; waiting up to " + text_of(patience));
    }
    std::this_thread::sleep_for(std::min(pause, left));
    pause = std::min(pause * 2, kPauseMax);
    timeout = kTimeout;
  }
}

}  // namespace

Result<WorkerPlace> find_place(const scopa_worker_options& options, const session::Environment& env,
                               const std::function<void(std::string_view)>& tell) {
  SCOPA_ASSIGN_OR_RETURN(session::FoundBroker broker, await_broker(options, env, tell));
  wire::GetSweep request;
  request.sweep = text_of(options.sweep);
  SCOPA_ASSIGN_OR_RETURN(wire::Message reply, broker.client->request(request));
  const auto* found = std::get_if<wire::SweepReply>(&reply);
  if (found == nullptr) return Status{Code::kUnsupported, "the broker's answer is of another kind"};
  return WorkerPlace{std::move(broker.endpoint), std::move(broker.keys), found->sweep.id};
}

std::string visible_device(const session::Environment& env) {
  const auto visible = session::split_list(env("CUDA_VISIBLE_DEVICES").value_or(""));
  if (visible.empty()) return "cpu";
  const std::string job = env("SLURM_JOB_GPUS").value_or("");
  if (session::is_in_slurm(env) && !job.empty()) {
    return printable("slurm-" + env("SLURMD_NODENAME").value_or("node") + "-gpu" + job, 128);
  }
  std::string device;
  for (const std::string& gpu : visible) {
    const bool is_number = gpu.find_first_not_of("0123456789") == std::string::npos;
    device += (device.empty() ? "" : ",") + (is_number ? "gpu-" + gpu : gpu);
  }
  return printable(device, 128);
}

}  // namespace scopa::sdk
