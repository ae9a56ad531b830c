#ifndef SCOPA_WORKER_HPP_
#define SCOPA_WORKER_HPP_

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <string_view>

#include "scopa/scopa.hpp"
#include "scopa/worker.h"

namespace scopa {

struct WorkerOptions {
  /// Of the broker; empty: SCOPA_URL, else the broker that runs in `folder`, else
  /// tcp://127.0.0.1:7654.
  std::string url;
  std::string sweep;        ///< id, unique prefix of an id, name, or "@last"
  std::uint64_t count = 0;  ///< at most so many trials; 0: as many as there are
  /// Shown with the trials, e.g. "cuda:0"; empty: the GPUs of CUDA_VISIBLE_DEVICES, else "cpu".
  std::string device;
  std::string folder;  ///< trial folders go to folder/trials/SWEEP/NUMBER; empty: ".scopa"
  /// File of the secret key for a broker that asks for one; empty: SCOPA_KEY, else
  /// ~/.config/scopa/client.key; "none": go without.
  std::string key;
  /// File of the broker's public key; empty: SCOPA_SERVER_KEY, else ~/.config/scopa/server.pub.
  std::string server_key;
  /// For a broker that is away at the start; 0: a minute, ten under SLURM; below 0: not at all.
  double wait_seconds = 0;
  /// Gets a line for a person at each change of state, on any thread, one at a time. Empty: a
  /// broker that is away is told of on stderr, and nothing else is.
  std::function<void(std::string_view)> log;
};

struct WorkerResult {
  std::uint64_t trials = 0, completed = 0, pruned = 0, failed = 0, cancelled = 0, requeued = 0;
  std::uint64_t diverged = 0;  ///< trials whose goal metric became NaN or infinite
  std::string error;           ///< why it ended early; empty when it did not
  explicit operator bool() const noexcept { return error.empty(); }
};

namespace detail {

inline void copy_text(const char* text, char* buffer, std::size_t bytes) noexcept {
  if (bytes == 0) return;
  std::size_t i = 0;
  for (; text[i] != '\0' && i + 1 < bytes; ++i) buffer[i] = text[i];
  buffer[i] = '\0';
}

inline void log_line(const char* line, void* context) {
  try {
    static_cast<const WorkerOptions*>(context)->log(line);
  } catch (...) {  // a line is lost, not a trial
  }
}

inline int run_trial(scopa_trial* handle, void* context, char* error, std::size_t error_bytes) {
  Trial trial = Trial::adopt(handle);
  try {
    (*static_cast<const std::function<void(Trial&)>*>(context))(trial);
    return 0;
  } catch (const std::exception& e) {
    copy_text(e.what(), error, error_bytes);
  } catch (...) {
    copy_text("an exception that is no std::exception", error, error_bytes);
  }
  return 1;
}

}  // namespace detail

/// A trainer that is its own worker: asks the broker for trials and calls `train` for each, one
/// after another, on this thread. `train` returns when it is done or trial.should_stop(); what it
/// throws makes that trial fail, with the exception's text, and the next one is tried.
///
/// Blocks until the sweep has no more trials, `count` is used up, or the broker is out of reach for
/// a minute (ten under SLURM). Links libscopa_worker: `find_package(scopa COMPONENTS worker)`,
/// scopa::scopa_worker.
///
///     scopa::WorkerOptions options;
///     options.sweep = "k3v9q2ha";
///     const auto result = scopa::run_worker(options, [](scopa::Trial& trial) {
///       const double rate = trial.param("learning_rate", 1e-3);
///       for (int epoch = 0; epoch < 10 && !trial.should_stop(); ++epoch) {
///         trial.log("loss", epoch, train(rate));
///       }
///     });
inline WorkerResult run_worker(const WorkerOptions& options,
                               const std::function<void(Trial&)>& train) {
  scopa_worker_options raw{};
  raw.struct_bytes = sizeof raw;
  raw.url = options.url.empty() ? nullptr : options.url.c_str();
  raw.sweep = options.sweep.c_str();
  raw.count = options.count;
  raw.device = options.device.empty() ? nullptr : options.device.c_str();
  raw.folder = options.folder.empty() ? nullptr : options.folder.c_str();
  raw.key = options.key.empty() ? nullptr : options.key.c_str();
  raw.server_key = options.server_key.empty() ? nullptr : options.server_key.c_str();
  raw.wait_seconds = options.wait_seconds;
  if (options.log) {
    raw.log = &detail::log_line;
    raw.log_context = const_cast<WorkerOptions*>(&options);
  }
  scopa_worker_result totals{};
  totals.struct_bytes = sizeof totals;
  const int failed = scopa_run_worker(&raw, &detail::run_trial,
                                      const_cast<std::function<void(Trial&)>*>(&train), &totals);
  WorkerResult result;
  result.trials = totals.trials;
  result.completed = totals.completed;
  result.pruned = totals.pruned;
  result.failed = totals.failed;
  result.cancelled = totals.cancelled;
  result.requeued = totals.requeued;
  result.diverged = totals.diverged;
  result.error = totals.error;
  if (failed != 0 && result.error.empty()) result.error = "the worker failed";
  return result;
}

}  // namespace scopa

#endif  // SCOPA_WORKER_HPP_
