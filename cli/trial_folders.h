#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "sdk/wire/messages.h"

namespace scopa::cli {

/// Where attempts of a trial left something: the host as its worker named it, and a path there.
struct HostPath {
  std::string host;
  std::string path;
  auto operator<=>(const HostPath&) const = default;
};

/// The folder of a trial as it was last, and its latest checkpoint; empty where there is none.
struct TrialPlaces {
  HostPath folder, checkpoint;
  std::int64_t checkpoint_step = -1;
};
TrialPlaces places_of(const wire::TrialInfo& trial);

/// What is on disks of some trials of one sweep. A folder counts only if its path ends in
/// `SWEEP/NUMBER`, as workers make them: whatever a worker may have told, nothing else is removed.
///
///     TrialFolders folders(sweep.id, ".scopa");
///     for (const wire::TrialInfo& each : trials) folders.add(each);
///     const TrialFolders::Outcome done = folders.remove();
class TrialFolders {
 public:
  /// `own` is Scopa's folder here, in which workers make trial folders unless told otherwise.
  TrialFolders(std::string sweep, const std::string& own);

  void add(const wire::TrialInfo& trial);
  /// Everything of the sweep that is in Scopa's folder here, also of trials that nobody knows.
  void add_whole();

  struct Failed {
    std::string path, why;
  };
  struct Outcome {
    std::vector<std::string> here;    ///< folders on this machine, removed or to be removed
    std::vector<HostPath> elsewhere;  ///< folders that this machine does not see
    std::vector<HostPath> left;       ///< checkpoints outside all of them, which are left alone
    std::vector<Failed> failed;
    std::uint64_t bytes = 0;  ///< of the files in `here`
  };
  Outcome look() const;    ///< changes nothing
  Outcome remove() const;  ///< what is there; symbolic links are removed, not followed

 private:
  Outcome visit(bool remove) const;
  void add_path(const HostPath& place, std::uint64_t trial, bool is_checkpoint);

  const std::string sweep_;
  const std::string trials_;  // of Scopa's folder, absolute
  std::set<HostPath> folders_;
  std::set<HostPath> left_;
};

}  // namespace scopa::cli
