#include "worker/process_runner.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "sdk/base/command_macros.h"
#include "sdk/session/checkpoint_place.h"
#include "sdk/session/journal_place.h"
#include "worker/cores.h"
#include "worker/process_execution.h"
#include "worker/trial_environment.h"

namespace scopa::worker {

namespace {

namespace fs = std::filesystem;

Status make_folder(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (!error) return Status::ok();
  return {Code::kResource, "cannot make the trial's folder " + path + ": " + error.message()};
}

Status write_text(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::trunc);
  out << text << '\n';
  out.flush();
  if (out) return Status::ok();
  return {Code::kResource, "cannot write " + path + ": is the disk full?"};
}

journal::TrialHeader header_of(const wire::Assign& assign, const std::string& folder,
                               session::CheckpointPlace checkpoint) {
  journal::TrialHeader header;
  header.sweep = assign.sweep;
  header.sweep_name = assign.sweep_name;
  header.trial = assign.trial;
  header.attempt = assign.attempt;
  header.seed = assign.seed;
  header.metric = assign.metric;
  header.folder = folder;
  header.params = assign.params;
  header.checkpoint = std::move(checkpoint.path);
  header.resume_step = checkpoint.resume_step;
  return header;
}

/// Takes the folder away again when a later step fails.
struct PlaceGuard {
  const session::JournalPlace* place;
  ~PlaceGuard() {
    if (place != nullptr) place->remove();
  }
};

}  // namespace

ProcessRunner::ProcessRunner(RunnerOptions options) : options_(std::move(options)) {
  const auto slots = static_cast<std::uint32_t>(std::max<std::size_t>(options_.slots.size(), 1));
  threads_ = std::max(usable_cores(options_.environment) / slots, 1U);
}

Result<std::unique_ptr<session::Execution>> ProcessRunner::start(std::uint32_t slot,
                                                                 const wire::Assign& assign,
                                                                 Instant) {
  const std::string trial = std::to_string(assign.trial);
  const std::string attempt = std::to_string(assign.attempt);
  const std::string folder = options_.folder + "/trials/" + assign.sweep + "/" + trial;
  SCOPA_RETURN_IF_ERROR(make_folder(folder));
  const std::string config_stem = folder + "/params";
  SCOPA_RETURN_IF_ERROR(write_text(config_stem + ".json", to_json(assign.params)));
  for (const ConfigFile& file : config_files(assign.command, assign.params, config_stem)) {
    SCOPA_RETURN_IF_ERROR(write_text(file.path, file.text));
  }

  static const SlotDevice no_device;
  const SlotDevice& device = slot < options_.slots.size() ? options_.slots[slot] : no_device;
  session::PlaceOwner owner;
  owner.endpoint = options_.endpoint;
  owner.device = device.device;
  owner.grace = std::chrono::milliseconds(assign.grace_ms);
  SCOPA_ASSIGN_OR_RETURN(
      session::JournalPlace place,
      session::JournalPlace::make(
          options_.memory_root, folder,
          options_.worker + "-" + assign.sweep + "-" + trial + "-" + attempt, std::move(owner)));
  PlaceGuard guard{&place};
  const std::string& checkpoints = options_.checkpoints;
  SCOPA_ASSIGN_OR_RETURN(
      auto checkpoint,
      session::checkpoint_place(
          assign, checkpoints.empty() ? folder : checkpoints + "/" + assign.sweep + "/" + trial));
  SCOPA_ASSIGN_OR_RETURN(
      auto journal,
      journal::Journal::create(place.journal(), header_of(assign, folder, std::move(checkpoint))));
  ExecutionOptions options = execution_options(journal->header(), place.owner().grace);
  SCOPA_ASSIGN_OR_RETURN(auto pipe,
                         MetricPipe::open(place.pipe(), journal.get(), options.log_file));

  ProcessSpec spec;
  SCOPA_ASSIGN_OR_RETURN(spec.argv, expand_command(assign.command, assign.program, assign.params,
                                                   options_.environment, config_stem));
  const journal::TrialHeader& told = journal->header();
  spec.environment = trial_environment(
      options_.variables, assign, device,
      {place.journal(), place.pipe(), folder, told.checkpoint, told.resume_step}, threads_);
  spec.folder = options_.program_folder;
  spec.output_file = options.log_file;
  spec.held_pipe = place.pipe();
  SCOPA_ASSIGN_OR_RETURN(auto group, ProcessGroup::spawn(spec));
  SCOPA_RETURN_IF_ERROR(place.note_trainer(group->leader()));
  guard.place = nullptr;
  return std::unique_ptr<session::Execution>(std::make_unique<ProcessExecution>(
      std::move(options), std::move(place), std::move(journal), std::move(pipe), std::move(group)));
}

ExecutionOptions ProcessRunner::execution_options(const journal::TrialHeader& trial,
                                                  std::chrono::milliseconds grace) const {
  ExecutionOptions options;
  if (grace.count() > 0) {
    options.grace = std::min<std::chrono::milliseconds>(grace, limits::kGraceMax);
  }
  options.term_grace = options_.term_grace;
  options.log_file = trial.folder + "/attempt-" + std::to_string(trial.attempt) + ".log";
  options.signals_are_interruptions = session::is_in_slurm(options_.environment);
  return options;
}

Result<std::unique_ptr<session::Execution>> ProcessRunner::adopt(session::LeftAttempt left) {
  if (!left.runs) {
    return std::unique_ptr<session::Execution>(
        std::make_unique<session::EndedExecution>(std::move(left)));
  }
  ExecutionOptions options = execution_options(left.journal->header(), left.place.owner().grace);
  SCOPA_ASSIGN_OR_RETURN(
      auto pipe, MetricPipe::adopt(left.place.pipe(), left.journal.get(), options.log_file));
  const session::PlaceOwner& owner = left.place.owner();
  auto group = ProcessGroup::adopt(owner.trainer, owner.trainer_start);
  return std::unique_ptr<session::Execution>(std::make_unique<ProcessExecution>(
      std::move(options), std::move(left.place), std::move(left.journal), std::move(pipe),
      std::move(group)));
}

}  // namespace scopa::worker
