#include "worker/worker.h"

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <random>
#include <system_error>
#include <utility>

#include "sdk/base/text.h"
#include "sdk/journal/bus_guard.h"
#include "sdk/session/environment.h"
#include "sdk/session/identity.h"
#include "sdk/session/leftovers.h"
#include "sdk/session/private_folder.h"
#include "sdk/session/worker_loop.h"
#include "worker/gpu_inventory.h"
#include "worker/gpu_lock.h"
#include "worker/process_runner.h"
#include "worker/signals.h"
#include "worker/slots.h"

namespace scopa::worker {

namespace {

namespace fs = std::filesystem;

/// The id becomes part of folder names.
bool is_sweep_id(const std::string& id) {
  if (id.empty() || id.size() > 64) return false;
  for (const char c : id) {
    const bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_' || c == '-';
    if (!fine) return false;
  }
  return true;
}

Result<std::string> absolute_folder(const std::string& path) {
  std::error_code error;
  const fs::path absolute = fs::absolute(path.empty() ? "." : path, error);
  if (error) return Status{Code::kResource, "no current folder: " + error.message()};
  return absolute.lexically_normal().string();
}

Result<std::vector<GpuLock>> lock_gpus(const std::vector<Gpu>& gpus, const std::string& folder) {
  std::vector<GpuLock> locks;
  for (const Gpu& gpu : gpus) {
    SCOPA_ASSIGN_OR_RETURN(GpuLock lock, GpuLock::take(folder, gpu.id));
    locks.push_back(std::move(lock));
  }
  return locks;
}

void say_on_stderr(std::string_view line) {
  std::fprintf(stderr, "scopa worker: %.*s\n", static_cast<int>(line.size()), line.data());
}

std::uint64_t random_bits() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32) | device();
}

class ProcessWorker final : public Worker {
 public:
  ProcessWorker(WorkerOptions options, RunnerOptions runner, std::vector<GpuLock> locks)
      : options_(std::move(options)),
        locks_(std::move(locks)),
        slots_(runner.slots),
        runner_(std::move(runner)) {}

  Status open(session::SessionOptions session) {
    SCOPA_ASSIGN_OR_RETURN(
        loop_, session::WorkerLoop::create(std::move(session), &runner_,
                                           [this](std::string_view line) { tell(line); }));
    return Status::ok();
  }

  /// A trainer that runs gets the slot of its device, so that nothing else is started there.
  void adopt_leftovers(const session::LeftoverQuery& query) {
    std::vector<bool> taken(slots_.size());
    auto lefts = session::take_leftovers(query, [this](const std::string& line) { tell(line); });
    for (session::LeftAttempt& left : lefts) {
      const std::string device = left.place.owner().device;
      std::optional<session::TrialEnd> end;
      if (!left.runs) end = session::end_of(left);
      std::size_t slot = 0;
      while (slot < slots_.size() && (end || taken[slot] || slots_[slot].device != device)) ++slot;
      auto execution = runner_.adopt(std::move(left));
      Status done = execution ? loop_->adopt(static_cast<std::uint32_t>(slot), device,
                                             std::move(*execution), std::move(end))
                              : execution.status();
      if (!done) tell("what a dead worker left stays where it is: " + done.message());
      if (done && slot < slots_.size()) taken[slot] = true;
    }
  }

  void tell(std::string_view line) const {
    options_.tell ? options_.tell(line) : say_on_stderr(line);
  }

  Status run() override {
    if (!options_.handle_signals) return loop_->run();
    const SignalWatch watch(loop_.get(), session::is_in_slurm(session::process_environment()));
    return loop_->run();
  }
  void leave(Leave how) override { worker::leave(*loop_, how); }
  WorkerTotals totals() const override {
    const session::Totals t = loop_->totals();
    return {t.trials, t.completed, t.pruned, t.failed, t.cancelled, t.requeued, t.diverged};
  }

 private:
  WorkerOptions options_;
  std::vector<GpuLock> locks_;
  std::vector<SlotDevice> slots_;
  ProcessRunner runner_;
  std::unique_ptr<session::WorkerLoop> loop_;
};

}  // namespace

Result<std::unique_ptr<Worker>> Worker::create(WorkerOptions options) {
  if (!is_sweep_id(options.sweep)) {
    return Status{Code::kInvalidArgument,
                  "`" + printable(options.sweep, 80) + "` is not the id of a sweep",
                  "`scopa ls` lists them"};
  }
  // A trainer that cuts its journal short must not take the others' trials along.
  journal::install_bus_guard();
  const session::Environment env = session::process_environment();
  SCOPA_ASSIGN_OR_RETURN(SlotPlan plan, plan_slots(find_gpus(env), options.slots, options.gpus));
  SCOPA_ASSIGN_OR_RETURN(auto locks, lock_gpus(plan.gpus, session::user_folder("/tmp")));
  SCOPA_ASSIGN_OR_RETURN(std::string folder, absolute_folder(options.folder));
  SCOPA_ASSIGN_OR_RETURN(std::string program_folder, absolute_folder(options.program_folder));

  std::string checkpoints;
  if (!options.checkpoints.empty()) {
    SCOPA_ASSIGN_OR_RETURN(checkpoints, absolute_folder(options.checkpoints));
  }

  const std::uint64_t random = random_bits();
  session::SessionOptions session;
  session.endpoint = options.endpoint;
  session.keys = options.keys;
  session.worker = session::worker_id(env, getpid(), random);
  session.host = session::host_name(env);
  session.pid = getpid();
  session.sweep = options.sweep;
  session.count = options.count;
  session.seed = random;
  session.patience = options.patience;
  for (const SlotDevice& slot : plan.slots) session.devices.push_back(slot.device);

  RunnerOptions runner;
  runner.worker = session.worker;
  runner.folder = std::move(folder);
  runner.program_folder = std::move(program_folder);
  runner.checkpoints = std::move(checkpoints);
  runner.memory_root = session::memory_root(env);
  runner.slots = std::move(plan.slots);
  runner.term_grace = options.term_grace;
  runner.environment = env;
  runner.variables = session::process_variables();
  runner.endpoint = options.endpoint;
  session::LeftoverQuery query;
  query.memory_root = runner.memory_root;
  query.sweep = options.sweep;
  query.endpoint = options.endpoint;
  query.max = limits::kSlotsMax;
  auto worker =
      std::make_unique<ProcessWorker>(std::move(options), std::move(runner), std::move(locks));
  SCOPA_RETURN_IF_ERROR(worker->open(std::move(session)));
  worker->tell(plan.text);
  worker->adopt_leftovers(query);
  return std::unique_ptr<Worker>(std::move(worker));
}

}  // namespace scopa::worker
