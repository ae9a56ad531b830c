#include "cli/trial_folders.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "sdk/session/environment.h"
#include "sdk/session/identity.h"

namespace scopa::cli {
namespace {

namespace fs = std::filesystem;

std::string this_host() { return session::host_name(session::process_environment()); }

/// The path up to and with `sweep/trial`; empty where these are not in it, one after the other.
std::string up_to_trial(const std::string& path, const std::string& sweep, std::uint64_t trial) {
  const fs::path whole = fs::path(path).lexically_normal();
  if (!whole.is_absolute()) return {};
  const std::string number = std::to_string(trial);
  fs::path so_far;
  bool after_sweep = false;
  for (const fs::path& part : whole) {
    so_far /= part;
    if (after_sweep && part == number) return so_far.string();
    after_sweep = part == sweep;
  }
  return {};
}

/// Of a folder that is no symbolic link.
bool is_folder(const std::string& path) {
  std::error_code error;
  return fs::is_directory(fs::symlink_status(path, error));
}

std::uint64_t bytes_below(const std::string& path) {
  std::uint64_t bytes = 0;
  std::error_code error;
  fs::recursive_directory_iterator at(path, fs::directory_options::skip_permission_denied, error);
  for (const fs::recursive_directory_iterator end; !error && at != end; at.increment(error)) {
    std::error_code ignored;
    if (!fs::is_regular_file(at->symlink_status(ignored))) continue;
    const std::uintmax_t size = at->file_size(ignored);
    if (!ignored) bytes += size;
  }
  return bytes;
}

}  // namespace

TrialPlaces places_of(const wire::TrialInfo& trial) {
  TrialPlaces places;
  if (trial.removed) return places;
  for (const wire::AttemptInfo& each : trial.attempts) {
    if (!each.folder.empty()) places.folder = {each.host, each.folder};
    if (each.checkpoint.empty()) continue;
    places.checkpoint = {each.host, each.checkpoint};
    places.checkpoint_step = each.checkpoint_step;
  }
  return places;
}

TrialFolders::TrialFolders(std::string sweep, const std::string& own)
    : sweep_(std::move(sweep)), trials_([&] {
        std::error_code error;
        const fs::path absolute = fs::absolute(own, error);
        return error ? std::string() : (absolute / "trials").lexically_normal().string();
      }()) {}

void TrialFolders::add(const wire::TrialInfo& trial) {
  for (const wire::AttemptInfo& each : trial.attempts) {
    add_path({each.host, each.folder}, trial.trial, false);
    add_path({each.host, each.checkpoint}, trial.trial, true);
  }
  if (trials_.empty()) return;
  folders_.insert({this_host(), trials_ + "/" + sweep_ + "/" + std::to_string(trial.trial)});
}

void TrialFolders::add_whole() {
  std::error_code error;
  for (fs::directory_iterator at(trials_ + "/" + sweep_, error), end; !error && at != end;
       at.increment(error)) {
    const std::string name = at->path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    folders_.insert({this_host(), at->path().string()});
  }
}

void TrialFolders::add_path(const HostPath& place, std::uint64_t trial, bool is_checkpoint) {
  if (place.path.empty()) return;
  const std::string folder = up_to_trial(place.path, sweep_, trial);
  if (!folder.empty()) {
    folders_.insert({place.host, folder});
  } else if (is_checkpoint) {
    left_.insert(place);
  }
}

TrialFolders::Outcome TrialFolders::look() const { return visit(false); }
TrialFolders::Outcome TrialFolders::remove() const { return visit(true); }

TrialFolders::Outcome TrialFolders::visit(bool remove) const {
  Outcome outcome;
  outcome.left.assign(left_.begin(), left_.end());
  const std::string host = this_host();
  std::set<std::string> seen;
  for (const HostPath& each : folders_) {
    if (!is_folder(each.path)) {
      // A file system that machines share shows it here under the same path.
      if (each.host != host && !seen.contains(each.path)) outcome.elsewhere.push_back(each);
      continue;
    }
    if (!seen.insert(each.path).second) continue;
    const std::uint64_t bytes = bytes_below(each.path);
    std::error_code error;
    if (remove) fs::remove_all(each.path, error);
    if (error) {
      outcome.failed.push_back({each.path, error.message()});
      continue;
    }
    outcome.bytes += bytes;
    outcome.here.push_back(each.path);
    // The sweep's own folder goes with the last of its trials.
    if (remove) fs::remove(fs::path(each.path).parent_path(), error);
  }
  return outcome;
}

}  // namespace scopa::cli
