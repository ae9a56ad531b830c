#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "scopa/worker.h"
#include "sdk/base/ids.h"
#include "sdk/base/status.h"
#include "sdk/session/client_keys.h"
#include "sdk/session/environment.h"

namespace scopa::sdk {

/// Whom a trainer that is its own worker works for.
struct WorkerPlace {
  std::string endpoint;
  session::ClientKeysPtr keys;
  SweepId sweep;  ///< the full id
};

/// Finds the broker as the commands do (options.url, SCOPA_URL, the broker of the folder, the
/// default endpoint) and the sweep there. Nobody there is waited for, as long as
/// options.wait_seconds says; `tell` hears of it within two seconds.
/// Errors: kUnavailable when the time is over; those of find_client_keys, and what the broker says.
Result<WorkerPlace> find_place(const scopa_worker_options& options, const session::Environment& env,
                               const std::function<void(std::string_view)>& tell);

/// What the trials are said to run on, where the caller does not say: the GPUs that
/// CUDA_VISIBLE_DEVICES leaves to this process, under SLURM by the node's numbers; else "cpu".
std::string visible_device(const session::Environment& env);

}  // namespace scopa::sdk
