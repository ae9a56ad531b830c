#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "cli/commands/commands.h"
#include "cli/errors.h"
#include "cli/interrupt.h"
#include "cli/json.h"
#include "cli/query.h"
#include "sdk/base/text.h"
#include "sdk/session/environment.h"
#include "sdk/session/identity.h"

namespace scopa::cli {
namespace {

struct LogsOptions {
  std::string trial;
  bool follow = false;
  bool path = false;
};

constexpr std::chrono::milliseconds kFollowEvery{200};
/// As the broker says of an attempt how it ended.
constexpr std::string_view kNotStarted = "not started: ";

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

/// Where the log of the latest attempt may be: in the trial's folder as its worker told it, and
/// below the folder of this command.
std::vector<std::string> log_folders(const Context& context, const wire::TrialInfo& trial) {
  if (trial.attempts.empty()) return {};
  std::vector<std::string> folders = {context.folder() + "/trials/" + trial.sweep + "/" +
                                      std::to_string(trial.trial)};
  const std::string& told = trial.attempts.back().folder;
  if (!told.empty()) folders.push_back(told);
  return folders;
}

struct OpenLog {
  std::string path;
  File file;
};

OpenLog open_log(const Context& context, const wire::TrialInfo& trial) {
  for (const std::string& folder : log_folders(context, trial)) {
    std::string path =
        folder + "/attempt-" + std::to_string(trial.attempts.back().attempt) + ".log";
    if (File file{std::fopen(path.c_str(), "r")}) return {std::move(path), std::move(file)};
  }
  return {};
}

/// Without the hole that a worker makes in a log that grows beyond its bound (docs/worker.md).
std::string shown(std::string text) {
  std::erase(text, '\0');
  return text;
}

/// Copies what is there from the file's position on.
std::string read_on(std::FILE* file) {
  std::string text;
  char buffer[1 << 14];
  std::size_t n = 0;
  std::clearerr(file);
  while (text.size() < (1 << 20) && (n = std::fread(buffer, 1, sizeof buffer, file)) > 0) {
    text.append(buffer, n);
  }
  return text;
}

/// Prints the file from its start; with `link`, goes on until the trial has ended.
int print_log(const Context& context, std::FILE* file, Link* link, const wire::TrialInfo& trial) {
  Interrupts interrupts;
  bool ended = link == nullptr || has_ended(static_cast<TrialState>(trial.state));
  auto next_look = std::chrono::steady_clock::now();
  while (interrupts.count() == 0) {
    std::string text;
    while (!(text = read_on(file)).empty()) {
      print_out(context.globals.json ? json_document({{"text", json_text(shown(text))}})
                                     : shown(text));
    }
    std::fflush(stdout);
    if (ended) return kExitOk;
    if (std::chrono::steady_clock::now() >= next_look) {
      // Asked before the file is read for the last time: what it wrote before its end is printed.
      const auto now = get_trial(*link, trial.sweep, trial.trial);
      ended = !now || has_ended(static_cast<TrialState>(now->state));
      next_look = std::chrono::steady_clock::now() + std::chrono::seconds(1);
    }
    std::this_thread::sleep_for(kFollowEvery);
  }
  return interrupts.exit_code();
}

bool was_not_started(const wire::TrialInfo& trial) {
  return trial.attempts.back().ended.find(kNotStarted) != std::string::npos;
}

Status no_log(const Context& context, const std::string& name, const wire::TrialInfo& trial) {
  if (trial.attempts.empty()) {
    return {Code::kNotFound, "trial " + name + " has not started yet"};
  }
  const wire::AttemptInfo& last = trial.attempts.back();
  const std::string here = "no log of trial " + name + " in `" + context.folder() + "`";
  if (was_not_started(trial)) {
    return {
        Code::kNotFound,
        "trial " + name + " has no log, its program was never started: " +
            printable(last.ended.substr(last.ended.find(kNotStarted) + kNotStarted.size()), 300),
        "`scopa show " + name + "` has all that is known"};
  }
  if (trial.removed) {
    return {Code::kNotFound, "what trial " + name + " printed has been removed",
            "`scopa show " + name + "` has what it came to"};
  }
  if (last.host != session::host_name(session::process_environment())) {
    return {Code::kNotFound, here + " on this machine",
            "it ran on " + (last.host.empty() ? "another machine" : last.host) +
                "; run `scopa logs` there, with the worker's --dir"};
  }
  std::error_code ignored;
  for (const std::string& folder : log_folders(context, trial)) {
    if (!std::filesystem::is_directory(folder, ignored)) continue;
    return {Code::kNotFound,
            "trial " + name + " has no log, though its folder `" + folder + "` is here",
            "a program that is its own worker (run_worker) prints to its own output, not to a log"};
  }
  return {Code::kNotFound, here + ", though it ran on this machine",
          "its worker had another folder: name that with --dir"};
}

int logs(Context& context, const LogsOptions& o) {
  const TrialName name = split_trial_name(o.trial);
  if (!name.trial) {
    return fail_usage(context, "`" + o.trial + "` names no trial; write SWEEP/N", "scopa logs");
  }
  auto link = connect(context, Access::kRead);
  if (!link) return fail(context, link.status());
  const auto sweep = get_sweep(**link, name.sweep);
  if (!sweep) return fail(context, sweep.status());
  const auto trial = get_trial(**link, sweep->id, *name.trial);
  if (!trial) return fail(context, trial.status());
  const std::string full = sweep->id + "/" + std::to_string(trial->trial);
  const auto [path, file] = open_log(context, *trial);
  // The log was opened for a program that then could not be started.
  std::error_code ignored;
  const bool is_empty = !file || std::filesystem::file_size(path, ignored) == 0;
  if (!file || (is_empty && was_not_started(*trial)))
    return fail(context, no_log(context, full, *trial));
  if (o.path) {
    print_out(context.globals.json ? json_document({{"file", json_text(path)}}) : path + "\n");
    return kExitOk;
  }
  if (context.globals.json && !o.follow) {
    std::string all;
    std::string text;
    while (!(text = read_on(file.get())).empty()) all += shown(text);
    print_out(json_document({{"sweep", json_text(sweep->id)},
                             {"trial", std::to_string(trial->trial)},
                             {"file", json_text(path)},
                             {"text", json_text(all)}}));
    return kExitOk;
  }
  const bool follow = o.follow && (*link)->is_broker();
  return print_log(context, file.get(), follow ? link->get() : nullptr, *trial);
}

}  // namespace

void declare_logs(Args& args) {
  auto o = std::make_shared<LogsOptions>();
  args.description(
      "What a trial wrote to stdout and stderr in its latest attempt. The file lies in the "
      "worker's folder, on the machine where the trial ran.");
  args.positional("SWEEP/N", &o->trial, "trial N of the sweep");
  args.flag("-f,--follow", &o->follow, "go on until the trial ends");
  args.flag("--path", &o->path, "print the file's name instead");
  args.example("scopa logs fox-1/17", "all that trial 17 printed");
  args.example("scopa logs -f @last/3", "watch trial 3 of the last sweep");
  args.action([o](Context& c) { return logs(c, *o); });
}

}  // namespace scopa::cli
