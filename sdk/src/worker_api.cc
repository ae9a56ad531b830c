// The C functions of libscopa_worker (scopa/worker.h).
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>

#include "scopa/worker.h"
#include "sdk/base/text.h"
#include "sdk/session/broker_search.h"
#include "sdk/session/environment.h"
#include "sdk/session/identity.h"
#include "sdk/session/leftovers.h"
#include "sdk/session/worker_loop.h"
#include "sdk/src/function_runner.h"
#include "sdk/src/worker_place.h"

namespace scopa::sdk {
namespace {

constexpr std::size_t kErrorBytes = 1024;

std::string text_or(const char* text, const std::string& fallback) {
  return text != nullptr && text[0] != '\0' ? text : fallback;
}

/// Gets a line for a person.
using Tell = std::function<void(std::string_view)>;

/// All lines to the caller's own function. Without one, stderr hears of a broker that is away, and
/// of nothing else: a program that waits must not look as if it hung.
Tell tell_of(const scopa_worker_options& given) {
  if (given.log != nullptr) {
    return [log = given.log, context = given.log_context](std::string_view line) {
      log(std::string(line).c_str(), context);
    };
  }
  return [](std::string_view line) {
    if (line.find("broker") == std::string_view::npos) return;
    std::fprintf(stderr, "scopa: %.*s\n", static_cast<int>(line.size()), line.data());
  };
}

Result<session::SessionOptions> session_options(const scopa_worker_options& given,
                                                const Tell& tell) {
  const session::Environment env = session::process_environment();
  if (given.sweep == nullptr || given.sweep[0] == '\0') {
    return Status{Code::kInvalidArgument, "no sweep is named", "`scopa ls` lists them"};
  }
  SCOPA_ASSIGN_OR_RETURN(WorkerPlace place, find_place(given, env, tell));
  session::SessionOptions options;
  options.endpoint = std::move(place.endpoint);
  options.keys = std::move(place.keys);
  options.sweep = std::move(place.sweep);
  options.patience = session::patience_for_broker(env);
  std::random_device device;
  options.seed = (static_cast<std::uint64_t>(device()) << 32) | device();
  options.worker = session::worker_id(env, getpid(), options.seed);
  options.host = session::host_name(env);
  options.pid = getpid();
  options.devices = {text_or(given.device, visible_device(env))};
  options.count = given.count;
  return options;
}

/// What the caller's C functions are, and how they may end a worker.
struct Caller {
  scopa_worker_function train = nullptr;
  void* context = nullptr;
  bool may_give_back = false;  // it knows of SCOPA_TRIAL_GIVEN_BACK
  int (*leave)(void* context) = nullptr;
};

FunctionEnd train_one(const Caller& caller, const std::string& journal) {
  scopa_trial* trial = scopa_trial_open(journal.c_str());
  if (trial == nullptr) return {true, "out of memory"};
  std::array<char, kErrorBytes> error{};
  FunctionEnd end;
  try {
    const int code = caller.train(trial, caller.context, error.data(), error.size());
    end.failed = code != 0;
    end.given_back = caller.may_give_back && code == SCOPA_TRIAL_GIVEN_BACK;
  } catch (const std::exception& e) {  // "must not throw", and still its fault stays its own
    return {true, e.what()};
  } catch (...) {
    return {true, "an exception that is no std::exception"};
  }
  error.back() = '\0';
  if (end.failed) end.error = error.data();
  return end;
}

Status run(const scopa_worker_options& given, const Caller& caller, session::Totals* totals) {
  const Tell tell = tell_of(given);
  SCOPA_ASSIGN_OR_RETURN(session::SessionOptions options, session_options(given, tell));
  std::error_code error;
  const auto folder = std::filesystem::absolute(text_or(given.folder, ".scopa"), error);
  if (error) return {Code::kResource, "no current folder: " + error.message()};
  const std::string memory_root = session::memory_root(session::process_environment());
  session::LeftoverQuery query;
  query.memory_root = memory_root;
  query.sweep = options.sweep;
  query.endpoint = options.endpoint;
  query.running = false;  // those are left to `scopa worker`
  query.max = limits::kSlotsMax;
  const std::string endpoint = options.endpoint;
  FunctionRunner runner(options.worker, folder.lexically_normal().string(), memory_root, endpoint);
  SCOPA_ASSIGN_OR_RETURN(auto loop, session::WorkerLoop::create(std::move(options), &runner, tell));
  for (session::LeftAttempt& left : session::take_leftovers(query, tell)) {
    const std::string device = left.place.owner().device;
    const session::TrialEnd how = session::end_of(left);
    // What there is no room for stays for the next worker.
    (void)loop->adopt(0, device, std::make_unique<session::EndedExecution>(std::move(left)), how);
  }
  // The trainer keeps the thread on which it called: its CUDA context, its signals, its stack.
  Status end;
  std::thread thread([&] {
    end = loop->run();
    runner.close();
  });
  const auto train = [&](const std::string& journal) {
    FunctionEnd one = train_one(caller, journal);
    if (one.given_back) loop->stop();
    return one;
  };
  const auto idle = [&] {
    if (caller.leave(caller.context) != 0) loop->stop();
  };
  runner.serve(train, caller.leave == nullptr ? std::function<void()>() : idle);
  thread.join();
  *totals = loop->totals();
  return end;
}

void fill(scopa_worker_result* result, const session::Totals& totals, const Status& end) {
  constexpr std::size_t kFirstVersion = offsetof(scopa_worker_result, diverged);
  if (result == nullptr || result->struct_bytes < kFirstVersion) return;
  result->trials = totals.trials;
  result->completed = totals.completed;
  result->pruned = totals.pruned;
  result->failed = totals.failed;
  result->cancelled = totals.cancelled;
  result->requeued = totals.requeued;
  if (result->struct_bytes >= sizeof(scopa_worker_result)) result->diverged = totals.diverged;
  std::string text;
  if (!end) text = end.message() + (end.help().empty() ? "" : "; " + end.help());
  std::snprintf(result->error, sizeof result->error, "%s",
                printable(text, sizeof result->error - 1).c_str());
}

/// What is behind the C functions.
int run_for(const scopa_worker_options* options, const Caller& caller,
            scopa_worker_result* result) noexcept {
  Status end{Code::kInvalidArgument, "no options or no function"};
  session::Totals totals;
  // Programs that were built before there were keys have a shorter struct.
  const bool usable = options != nullptr && caller.train != nullptr &&
                      options->struct_bytes >= offsetof(scopa_worker_options, key);
  try {
    scopa_worker_options whole{};
    if (usable) {
      std::memcpy(&whole, options, std::min(options->struct_bytes, sizeof whole));
      end = run(whole, caller, &totals);
    }
    fill(result, totals, end);
  } catch (const std::exception&) {
    return 1;  // out of memory or threads
  }
  return end.is_ok() ? 0 : 1;
}

}  // namespace
}  // namespace scopa::sdk

extern "C" int scopa_run_worker(const scopa_worker_options* options, scopa_worker_function function,
                                void* context, scopa_worker_result* result) noexcept {
  return scopa::sdk::run_for(options, {function, context}, result);
}

extern "C" int scopa_run_worker_until(const scopa_worker_options* options,
                                      scopa_worker_function function, int (*leave)(void* context),
                                      void* context, scopa_worker_result* result) noexcept {
  return scopa::sdk::run_for(options, {function, context, true, leave}, result);
}
