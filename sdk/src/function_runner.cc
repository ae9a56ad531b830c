#include "sdk/src/function_runner.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>

#include "sdk/base/limits.h"
#include "sdk/base/text.h"
#include "sdk/session/checkpoint_place.h"
#include "sdk/session/failure_cause.h"
#include "sdk/session/journal_place.h"

namespace scopa::sdk {
namespace {

constexpr std::chrono::milliseconds kIdleEvery{100};

}  // namespace

/// One call, shared by the loop's thread and the one that trains.
struct FunctionRunner::Call {
  std::string journal;
  int done_fd = -1;
  FunctionEnd end;  // written before `done`
  std::atomic<bool> done{false};
  ~Call() {
    if (done_fd >= 0) ::close(done_fd);
  }
};

class FunctionRunner::Execution final : public session::Execution {
 public:
  Execution(session::JournalPlace place, std::unique_ptr<journal::Journal> journal,
            std::shared_ptr<Call> call)
      : place_(std::move(place)), journal_(std::move(journal)), call_(std::move(call)) {}

  journal::Journal& journal() override { return *journal_; }
  void wait_fds(std::vector<int>* fds) const override { fds->push_back(call_->done_fd); }
  std::optional<Instant> next_deadline() const override { return std::nullopt; }
  /// A function cannot be ended from outside: it is asked, and no grace ends.
  void stop(StopReason reason, Instant, std::chrono::microseconds) override {
    journal_->set_stop(reason);
  }
  void forget() override { place_.remove(); }

  std::optional<session::TrialEnd> poll(Instant) override {
    if (told_ || !call_->done.load(std::memory_order_acquire)) return std::nullopt;
    told_ = true;
    session::TrialEnd end;
    end.outcome = wire::Outcome::kReturned;
    end.exit_code = call_->end.failed ? 1 : 0;
    end.ran_to_end = !call_->end.failed && !journal_->stop_seen();
    end.message = printable(call_->end.error, limits::kStderrTailBytes);
    end.interrupted = call_->end.given_back;
    if (end.interrupted) {
      end.cause = Cause::kPreempted;
    } else if (call_->end.failed && !journal_->stop_seen()) {
      end.cause = session::cause_in_text(call_->end.error);
      if (end.cause == Cause::kNone) end.cause = Cause::kUserError;
    }
    return end;
  }

 private:
  session::JournalPlace place_;
  std::unique_ptr<journal::Journal> journal_;
  std::shared_ptr<Call> call_;
  bool told_ = false;
};

FunctionRunner::FunctionRunner(std::string worker, std::string folder, std::string memory_root,
                               std::string endpoint)
    : worker_(std::move(worker)),
      folder_(std::move(folder)),
      memory_root_(std::move(memory_root)),
      endpoint_(std::move(endpoint)) {}

FunctionRunner::~FunctionRunner() = default;

Result<std::unique_ptr<session::Execution>> FunctionRunner::start(std::uint32_t,
                                                                  const wire::Assign& assign,
                                                                  Instant) {
  const std::string trial = std::to_string(assign.trial);
  journal::TrialHeader header;
  header.sweep = assign.sweep;
  header.sweep_name = assign.sweep_name;
  header.trial = assign.trial;
  header.attempt = assign.attempt;
  header.seed = assign.seed;
  header.metric = assign.metric;
  header.folder = folder_ + "/trials/" + assign.sweep + "/" + trial;
  header.params = assign.params;
  std::error_code error;
  std::filesystem::create_directories(header.folder, error);
  if (error) {
    return Status{Code::kResource,
                  "cannot make the trial's folder " + header.folder + ": " + error.message()};
  }
  SCOPA_ASSIGN_OR_RETURN(auto checkpoint, session::checkpoint_place(assign, header.folder));
  header.checkpoint = std::move(checkpoint.path);
  header.resume_step = checkpoint.resume_step;
  session::PlaceOwner owner;
  owner.endpoint = endpoint_;
  owner.device = "cpu";
  SCOPA_ASSIGN_OR_RETURN(session::JournalPlace place,
                         session::JournalPlace::make(memory_root_, header.folder,
                                                     worker_ + "-" + assign.sweep + "-" + trial +
                                                         "-" + std::to_string(assign.attempt),
                                                     owner));
  auto call = std::make_shared<Call>();
  call->journal = place.journal();
  call->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  auto journal = journal::Journal::create(call->journal, header);
  if (!journal || call->done_fd < 0) {
    place.remove();
    if (!journal) return journal.status();
    return Status{Code::kResource, "no event descriptor: too many open files"};
  }
  {
    const std::lock_guard lock(mutex_);
    next_ = call;
  }
  changed_.notify_all();
  return std::unique_ptr<session::Execution>(
      std::make_unique<Execution>(std::move(place), std::move(*journal), std::move(call)));
}

void FunctionRunner::serve(const std::function<FunctionEnd(const std::string&)>& train,
                           const std::function<void()>& idle) {
  const auto has_work = [this] { return next_ != nullptr || closed_; };
  while (true) {
    std::shared_ptr<Call> call;
    {
      std::unique_lock lock(mutex_);
      if (!idle) {
        changed_.wait(lock, has_work);
      } else if (!changed_.wait_for(lock, kIdleEvery, has_work)) {
        lock.unlock();
        idle();
        continue;
      }
      if (next_ == nullptr) return;
      call = std::exchange(next_, nullptr);
    }
    call->end = train(call->journal);
    call->done.store(true, std::memory_order_release);
    const std::uint64_t one = 1;
    (void)!write(call->done_fd, &one, sizeof one);
  }
}

void FunctionRunner::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

}  // namespace scopa::sdk
