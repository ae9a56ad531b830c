#include "sdk/src/trial.h"

#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <utility>

#include "sdk/base/environment.h"
#include "sdk/base/text.h"
#include "sdk/journal/journal.h"
#include "sdk/src/told_trial.h"

namespace {

using scopa::Params;
using scopa::Value;
using scopa::journal::Drop;
using scopa::journal::Writer;
using scopa::sdk::Given;

constexpr int kSameSecondMax = 1000;  // standalone trials of one process that start in one second

int rank_in_environment() {
  for (const char* variable : scopa::environment::kRanks) {
    const char* text = std::getenv(variable);
    if (text == nullptr) continue;
    int rank = 0;
    const auto result = std::from_chars(text, text + std::strlen(text), rank);
    if (result.ec == std::errc{} && *result.ptr == '\0' && rank >= 0) return rank;
  }
  return 0;
}

bool all_ranks_log() {
  const char* text = std::getenv(scopa::environment::kRankLog);
  return text != nullptr && std::string_view(text) == "all";
}

// "20261123T174233-4711": in the order of time, and two processes never share one.
std::string standalone_name() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  char text[32];
  const std::size_t bytes = std::strftime(text, sizeof text, "%Y%m%dT%H%M%S", &utc);
  return std::string(text, bytes) + "-" + std::to_string(::getpid());
}

// What the exit handler needs. Never freed: it runs when statics are gone.
struct ExitNote {
  pid_t process;
  std::string journal;
  ExitNote* before;  // of the process that this one was forked from
};

// A worker that was not there from the beginning cannot wait for this process; the journal tells
// it.
void note_exit(int status, void* argument) try {
  const auto& note = *static_cast<const ExitNote*>(argument);
  if (note.process != ::getpid()) return;
  const auto file = scopa::journal::open_header(note.journal);
  if (!file) return;
  const std::uint32_t code = static_cast<std::uint32_t>(status) & 0xFF;
  file->header().notes.exit_code.store(code + 1, std::memory_order_relaxed);
} catch (...) {
}

// Once in a process, for the trial that it was started for.
void note_exit_of(const std::string& journal) {
  static std::atomic<ExitNote*> kept{nullptr};
  ExitNote* before = kept.load();
  if (before != nullptr && before->process == ::getpid()) return;
  std::error_code error;
  const auto folder = std::filesystem::absolute(journal, error);
  if (error) return;
  auto note = std::make_unique<ExitNote>(ExitNote{::getpid(), folder.string(), before});
  if (!kept.compare_exchange_strong(before, note.get())) return;
  ::on_exit(note_exit, note.release());
}

}  // namespace

std::unique_ptr<scopa_trial> scopa_trial::current(int argc, char** argv) {
  std::unique_ptr<scopa_trial> trial(new scopa_trial);
  trial->rank_ = rank_in_environment();
  trial->logs_ = trial->rank_ == 0 || all_ranks_log();
  if (scopa::sdk::is_in_a_trial()) {
    const char* journal = std::getenv(scopa::environment::kJournal);
    trial->attach(journal == nullptr ? "" : journal, true, argc, argv);
    if (trial->logs_ && trial->worker_journal_ != nullptr) note_exit_of(journal);
  } else {
    trial->stand_alone(argc, argv);
  }
  return trial;
}

std::unique_ptr<scopa_trial> scopa_trial::open(const char* folder) {
  std::unique_ptr<scopa_trial> trial(new scopa_trial);
  trial->attach(folder == nullptr ? "" : folder, false, 0, nullptr);
  return trial;
}

scopa_trial::~scopa_trial() { delete error_.load(std::memory_order_relaxed); }

void scopa_trial::attach(const std::string& folder, bool by_environment, int argc, char** argv) {
  auto writer = Writer::open(folder);
  if (writer) {
    be((*writer)->trial(), argc, argv);
    use(std::move(*writer));
    worker_journal_ = journal_.get();
    return;
  }
  const auto told = by_environment ? scopa::sdk::told_trial() : std::nullopt;
  if (!told) return be_broken(writer.status().to_string(), argc, argv);
  note_error(
      "this process does not see the trial's journal: its points are lost, and nobody tells it "
      "to stop; " +
      writer.status().to_string());
  be(*told, argc, argv);
  told_ = true;
}

void scopa_trial::be(const scopa::journal::TrialHeader& header, int argc, char** argv) {
  given_ = scopa::sdk::GivenParams(header.params, argc, argv);
  params_json_ = scopa::to_json(header.params);
  id_ = header.sweep + "/" + std::to_string(header.trial);
  folder_ = header.folder.empty() ? "." : header.folder;
  checkpoint_path_ = header.checkpoint.empty()
                         ? (std::filesystem::path(folder_) / "checkpoint").string()
                         : header.checkpoint;
  resume_step_ = header.resume_step;
  goal_ = header.metric;
  number_ = header.trial;
  attempt_ = header.attempt;
  seed_ = header.seed;
}

// A worker started it, and what it is to train is not known: whoever trains on regardless trains
// something else. The one thing that this library ever prints, since nobody else can tell.
void scopa_trial::be_broken(const std::string& why, int argc, char** argv) {
  static std::atomic<bool> said{false};
  ok_ = false;
  note_error("this trial's points are lost, and its parameters are not known: " + why);
  given_ = scopa::sdk::GivenParams({}, argc, argv);
  params_json_ = given_.json();
  if (said.exchange(true)) return;
  std::fprintf(stderr, "scopa: %s\n", error());
}

void scopa_trial::use(std::unique_ptr<Writer> journal) {
  journal_ = std::move(journal);
  journal_->attach();
  opened_.store(journal_.get(), std::memory_order_release);
  writer_.store(logs_ ? journal_.get() : nullptr, std::memory_order_release);
}

void scopa_trial::stand_alone(int argc, char** argv) {
  given_ = scopa::sdk::GivenParams({}, argc, argv);
  params_json_ = given_.json();
  if (const Given* seed = given_.find("seed")) {
    seed_ = static_cast<std::uint64_t>(scopa::sdk::read_integer(*seed).value_or(0));
  }
  std::error_code error;
  const std::filesystem::path here = std::filesystem::current_path(error);
  own_folder_ = (here / ".scopa" / "standalone").string();
  makes_own_ = !error;
}

// ---- errors ------------------------------------------------------------------------------------

void scopa_trial::note_error(std::string text) const {
  if (error_.load(std::memory_order_relaxed) != nullptr) return;
  auto owned = std::make_unique<const std::string>(std::move(text));
  const std::string* none = nullptr;
  if (error_.compare_exchange_strong(none, owned.get(), std::memory_order_acq_rel)) owned.release();
}

// Not when it happens: there it would cost memory, and it is the hot way.
void scopa_trial::note_drops() const {
  const Writer* journal = opened_.load(std::memory_order_acquire);
  if (journal == nullptr) return;
  if (journal->dropped(Drop::kNoRoom) > 0) {
    note_error(
        "points were dropped: there is no room for the journal (is the disk full?); the last "
        "one of each metric is kept");
  } else if (journal->dropped(Drop::kName) > 0) {
    note_error("points were dropped: a metric's name has 1 to " +
               std::to_string(scopa::limits::kNameBytesMax) + " bytes, and a trial has at most " +
               std::to_string(scopa::limits::kJournalMetricsMax) + " metrics");
  } else if (journal->dropped(Drop::kFinished) > 0) {
    note_error("points were dropped: they were logged after finish()");
  }
}

const char* scopa_trial::error() const {
  if (error_.load(std::memory_order_acquire) == nullptr) note_drops();
  const std::string* text = error_.load(std::memory_order_acquire);
  return text == nullptr ? "" : text->c_str();
}

// ---- metrics ------------------------------------------------------------------------------------

scopa_metric* scopa_trial::metric(std::string_view name) {
  scopa_metric* metric = metrics_.find_or_add(name);
  if (metric->id.load(std::memory_order_relaxed) == scopa_metric::kUnresolved) {
    if (Writer* writer = writer_.load(std::memory_order_acquire)) resolve(*metric, *writer);
  }
  return metric;
}

void scopa_trial::resolve(scopa_metric& metric, Writer& writer) {
  const auto id = writer.metric(metric.name);
  metric.id.store(id ? *id : scopa_metric::kRefused, std::memory_order_relaxed);
  if (!id) note_error(id.status().to_string());
}

void scopa_trial::log_slowly(scopa_metric& metric, std::int64_t step, double value,
                             std::int64_t time_us) noexcept try {
  if (!logs_) return;
  if (finished_.load(std::memory_order_acquire)) return count_drop(Drop::kFinished);
  Writer* writer = writer_.load(std::memory_order_acquire);
  if (writer == nullptr && makes_own_) writer = standalone_writer();
  if (writer == nullptr) return count_drop(Drop::kNoRoom);
  if (metric.id.load(std::memory_order_relaxed) == scopa_metric::kUnresolved) {
    resolve(metric, *writer);
  }
  const std::uint32_t id = metric.id.load(std::memory_order_relaxed);
  if (id >= scopa_metric::kIdsEnd) return count_drop(Drop::kName);
  writer->log(id, step, value, time_us);
} catch (...) {  // Out of memory.
  count_drop(Drop::kNoRoom);
}

// Only the threads that log a standalone trial's first points can meet here.
Writer* scopa_trial::standalone_writer() {
  if (own_failed_.load(std::memory_order_acquire)) return nullptr;
  const std::lock_guard lock(own_mutex_);
  if (own_failed_.load(std::memory_order_relaxed) || finished_.load(std::memory_order_relaxed)) {
    return nullptr;
  }
  if (journal_ == nullptr) {
    auto writer = make_own_journal();
    if (!writer) {
      own_failed_.store(true, std::memory_order_release);
      note_error("this trial's points are lost: " + writer.status().to_string());
      return nullptr;
    }
    use(std::move(*writer));
  }
  return journal_.get();
}

scopa::Result<std::unique_ptr<Writer>> scopa_trial::make_own_journal() const {
  scopa::journal::TrialHeader header;
  header.sweep_name = "standalone";
  header.seed = seed_;
  header.folder = std::filesystem::path(own_folder_).parent_path().parent_path().string();
  header.params = asked_;
  const std::string first = own_folder_ + "/" + standalone_name();
  std::string folder = first;
  auto made = scopa::journal::Journal::create(folder, header);
  for (int i = 2; !made && made.status().code() == scopa::Code::kConflict; ++i) {
    if (i > kSameSecondMax) break;
    folder = first + "-" + std::to_string(i);
    made = scopa::journal::Journal::create(folder, header);
  }
  if (!made) return made.status();
  return Writer::open(folder);
}

void scopa_trial::count_drop(Drop reason) {
  if (Writer* journal = opened_.load(std::memory_order_acquire)) {
    journal->drop(reason);
  } else {
    dropped_here_.fetch_add(1, std::memory_order_relaxed);
  }
}

std::uint64_t scopa_trial::dropped() const {
  const Writer* journal = opened_.load(std::memory_order_acquire);
  return dropped_here_.load(std::memory_order_relaxed) +
         (journal != nullptr ? journal->dropped() : 0);
}

void scopa_trial::finish() {
  if (finished_.exchange(true, std::memory_order_acq_rel)) return;
  const std::lock_guard lock(own_mutex_);  // A first point may be opening the journal.
  writer_.store(nullptr, std::memory_order_release);
  if (journal_ != nullptr) journal_->finish();
}

// ---- the way back -------------------------------------------------------------------------------

bool scopa_trial::take_checkpoint_request() {
  if (worker_journal_ == nullptr) return false;
  const std::uint32_t requests = worker_journal_->checkpoint_requests();
  return checkpoints_seen_.exchange(requests, std::memory_order_relaxed) != requests;
}

void scopa_trial::checkpoint_saved(std::int64_t step) {
  if (worker_journal_ == nullptr || !logs_) return;
  if (step < 0) return note_error("a checkpoint's step is 0 or more: checkpoint_saved() ignored");
  const std::lock_guard lock(checkpoint_mutex_);
  worker_journal_->note_checkpoint(step);
}

// Whoever asks goes on from there, unless it says otherwise.
std::int64_t scopa_trial::resume_step() {
  const std::int64_t step = resume_step_.load(std::memory_order_relaxed);
  if (step >= 0 && worker_journal_ != nullptr) worker_journal_->note_resumed(true);
  return step;
}

void scopa_trial::start_over() {
  resume_step_.store(-1, std::memory_order_relaxed);
  if (worker_journal_ != nullptr) worker_journal_->note_resumed(false);
}
