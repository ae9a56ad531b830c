#include "sdk/session/leftovers.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <thread>
#include <utility>

#include "sdk/base/environment.h"
#include "sdk/base/limits.h"
#include "sdk/base/text.h"
#include "sdk/session/private_folder.h"
#include "sdk/session/process_stat.h"

namespace scopa::session {

namespace {

namespace fs = std::filesystem;

template <class Visit>
void each_process(Visit visit) {
  DIR* processes = opendir("/proc");
  if (processes == nullptr) return;
  while (const dirent* entry = readdir(processes)) {
    if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9') visit(std::string(entry->d_name));
  }
  closedir(processes);
}

/// A worker may die between starting a trainer and noting it: then the trainer's environment tells.
void find_trainer(JournalPlace* place) {
  const std::string wanted = std::string(environment::kJournal) + "=" + place->journal();
  pid_t found = 0;
  each_process([&](const std::string& pid) {
    const auto stat = found == 0 ? read_process_stat(pid) : std::nullopt;
    if (!stat || std::to_string(stat->group) != pid) return;
    std::ifstream in("/proc/" + pid + "/environ");
    for (std::string variable; std::getline(in, variable, '\0');) {
      if (variable == wanted) found = stat->group;
    }
  });
  if (found != 0) (void)place->note_trainer(found);
}

bool group_lives(const PlaceOwner& owner) {
  if (owner.trainer <= 1 || owner.trainer_start == 0) return false;
  bool lives = false;
  each_process([&](const std::string& pid) {
    const auto stat = lives ? std::nullopt : read_process_stat(pid);
    if (!stat || stat->group != owner.trainer || stat->state == 'Z' || stat->state == 'X') return;
    // A leader of another start time has the number, and with it the group, anew.
    const bool leads = pid == std::to_string(owner.trainer);
    lives = leads ? stat->start == owner.trainer_start : stat->start >= owner.trainer_start;
  });
  return lives;
}

/// Whether it is the first worker's turn to see it, or the time since then is over.
bool is_overdue(const JournalPlace& place) {
  const fs::path mark = place.folder() + "/seen";
  std::error_code error;
  if (!fs::exists(mark, error)) std::ofstream(mark.string()) << '\n';
  const auto seen = fs::last_write_time(mark, error);
  return !error && fs::file_time_type::clock::now() - seen > limits::kOrphanMax;
}

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    names.push_back(at->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// To look at a place is to lock it for a moment, and whose place it is would take that for an
/// owner's lock and pass it by for good. So workers that start at once look one after the other.
class LookingTurn {
 public:
  explicit LookingTurn(const std::string& folder)
      : fd_(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    const auto until = std::chrono::steady_clock::now() + limits::kLookingTurnMax;
    while (fd_ >= 0 && flock(fd_, LOCK_EX | LOCK_NB) != 0 &&
           std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  ~LookingTurn() {
    if (fd_ >= 0) close(fd_);
  }
  LookingTurn(const LookingTurn&) = delete;
  LookingTurn& operator=(const LookingTurn&) = delete;

 private:
  int fd_;
};

std::string name_of(const journal::TrialHeader& trial) {
  return printable(trial.sweep, 64) + "/" + std::to_string(trial.trial);
}

}  // namespace

TrialEnd end_by_journal(const journal::Journal& journal, bool stopped) {
  TrialEnd end;
  const auto code = journal.exit_code();
  if (code || journal.finished() > 0) {
    end.outcome = wire::Outcome::kExited;
    end.exit_code = code.value_or(0);
    end.ran_to_end = end.exit_code == 0 && !stopped && !journal.stop_seen();
    if (end.exit_code != 0 && !stopped) end.cause = Cause::kUserError;
    return end;
  }
  end.outcome = wire::Outcome::kKilled;
  end.signal = SIGKILL;
  if (stopped) return end;
  end.interrupted = true;
  end.cause = Cause::kNode;
  end.message = "its worker had died, and nobody knows how it ended";
  return end;
}

std::string end_text(const TrialEnd& end) {
  std::ostringstream out;
  out << static_cast<int>(end.outcome) << ' ' << end.exit_code << ' ' << end.signal << ' '
      << end.ran_to_end << ' ' << end.interrupted << ' ' << static_cast<int>(end.cause) << ' '
      << static_cast<int>(end.forced) << '\n'
      << end.message;
  return out.str();
}

std::optional<TrialEnd> end_from(const std::string& text) {
  std::istringstream in(text);
  TrialEnd end;
  int outcome = 0;
  int cause = 0;
  int forced = 0;
  if (!(in >> outcome >> end.exit_code >> end.signal >> end.ran_to_end >> end.interrupted >>
        cause)) {
    return std::nullopt;
  }
  // A worker of before has not written it.
  if (in.peek() == ' ' && !(in >> forced)) return std::nullopt;
  if (in.get() != '\n') return std::nullopt;
  end.forced = static_cast<wire::Forced>(forced);
  end.outcome = static_cast<wire::Outcome>(outcome);
  end.cause = static_cast<Cause>(cause);
  end.message.assign(std::istreambuf_iterator<char>(in), {});
  return end;
}

TrialEnd end_of(const LeftAttempt& left) {
  if (auto noted = end_from(left.place.noted_end())) return std::move(*noted);
  return end_by_journal(*left.journal, left.journal->stopped());
}

std::vector<LeftAttempt> take_leftovers(const LeftoverQuery& query,
                                        const std::function<void(const std::string&)>& tell) {
  std::vector<LeftAttempt> taken;
  std::error_code error;
  if (!fs::is_directory(query.memory_root, error) || !make_private_folder(query.memory_root)) {
    return taken;
  }
  const LookingTurn turn(query.memory_root);
  const std::string space = process_space();
  for (const std::string& name : names_in(query.memory_root)) {
    auto place = JournalPlace::take(query.memory_root, name);
    if (!place || (place->owner().space != space && !place->owner().space.empty())) continue;
    if (place->owner().trainer == 0) find_trainer(&*place);
    const bool runs = group_lives(place->owner());
    auto journal = journal::Journal::open(place->journal());
    const std::string what =
        (journal ? name_of((*journal)->header()) : name) +
        (runs ? " (process " + std::to_string(place->owner().trainer) + ")" : "");
    const bool ours = journal && ((*journal)->header().sweep == query.sweep ||
                                  place->owner().endpoint == query.endpoint);
    if (ours && (query.running || !runs)) {
      if (taken.size() < query.max) taken.push_back({std::move(*place), std::move(*journal), runs});
      continue;
    }
    if (ours) continue;
    if (journal && !is_overdue(*place)) {
      if (runs) {
        tell("trial " + what + " of a dead worker of " + place->owner().endpoint +
             " still runs here; a worker of that broker adopts it");
      }
      continue;
    }
    if (runs) {
      kill(-place->owner().trainer, SIGKILL);
      tell("ended trial " + what + ", which a dead worker left");
    }
    place->remove();
  }
  return taken;
}

}  // namespace scopa::session
