#include "tests/integration/crash/crash_run.h"

#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <optional>
#include <random>
#include <thread>

#include "sdk/session/client.h"
#include "sdk/wire/codec.h"
#include "tests/integration/support/process.h"
#include "tests/integration/support/tcp_proxy.h"

namespace scopa::test {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kLease{1000};
/// A worker is given up when its lease and the grace of a suspect, which is as long, are over.
constexpr milliseconds kGivenUp = 2 * kLease;
constexpr std::chrono::minutes kEndWithin{4};
constexpr int kExitUnavailable = 4;  // of `scopa worker`: no broker answers

class Run {
 public:
  Run(std::string folder, const CrashPlan& plan)
      : folder_(std::move(folder)), plan_(plan), random_(plan.seed) {}
  ~Run() {
    broker_.reset();
    for (Machine& machine : machines_) machine.worker.reset();
    end_trainers();
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  CrashReport go() {
    std::filesystem::create_directories(folder_ + "/ledger");
    start_broker();
    if (!create()) return std::move(report_);
    for (int i = 0; i < plan_.machines; ++i) machines_.push_back(make_machine(i));
    for (Machine& machine : machines_) start_worker(machine);
    is_harming_ = true;
    do_harm();
    is_harming_ = false;
    if (!is_called_off() && let_it_end()) collect();
    end_trainers();
    return std::move(report_);
  }

 private:
  struct Machine {
    std::string name;
    std::unique_ptr<TcpProxy> proxy;
    std::optional<Process> worker;
    Clock::time_point starts_at{};  // without a worker
    std::optional<Clock::time_point> goes_on_at, mends_at;
  };

  // ---- the cluster

  std::string endpoint() const { return "ipc://" + folder_ + "/b.sock"; }

  void start_broker() {
    broker_.emplace("broker",
                    std::vector<std::string>{plan_.scopa, "broker", "--dir", folder_ + "/store",
                                             "--listen", endpoint(), "--lease", "1"},
                    folder_);
  }

  Machine make_machine(int number) {
    Machine machine;
    machine.name = "machine-" + std::to_string(number);
    // A reader for each connection; in the proxy's thread alone.
    auto readers = std::make_shared<std::map<std::uint64_t, ZmtpReader>>();
    machine.proxy = std::make_unique<TcpProxy>(
        endpoint(),
        [this, readers](std::uint64_t connection, TcpProxy::Way way, std::string_view bytes) {
          if (way != TcpProxy::Way::kDown) return;
          (*readers)[connection].feed(bytes, [this](std::string_view body) {
            const auto message = wire::decode(body);
            const std::lock_guard guard(mutex_);
            if (message) overheard_.add(*message);
          });
        });
    return machine;
  }

  void start_worker(Machine& machine) {
    machine.worker.emplace(
        machine.name,
        std::vector<std::string>{plan_.scopa, "worker", report_.sweep, "--url",
                                 machine.proxy->endpoint(), "--slots", std::to_string(plan_.slots),
                                 "--gpus", "none", "--dir", folder_ + "/" + machine.name},
        folder_,
        std::vector<std::string>{"SCOPA_TEST_LEDGER=" + folder_ + "/ledger",
                                 "SCOPA_MEMORY=" + folder_ + "/memory-" + machine.name});
  }

  template <class T>
  std::optional<T> ask(const wire::Message& message) {
    if (!client_) {
      auto client = session::Client::connect(endpoint(), 2s);
      if (!client) return std::nullopt;
      client_ = std::move(*client);
    }
    auto reply = client_->request(message, 2s);
    if (!reply) client_.reset();
    if (!reply || !std::holds_alternative<T>(*reply)) return std::nullopt;
    return std::get<T>(std::move(*reply));
  }

  bool create() {
    wire::Create create;
    create.token = "crash";
    create.file_name = "sweep.yaml";
    create.spec = "name: crash\nmethod: bayes\nprogram: " + plan_.trainer +
                  "\ncommand: [\"${program}\"]\nmetric: {name: loss, goal: minimize}\n"
                  "run_cap: 1000000\nretries: 100\n"
                  "early_terminate: {type: asha, min_resource: 30, max_resource: 150, eta: 3}\n"
                  "parameters:\n  x: {min: 0.0, max: 1.0}\n  steps: {values: [60, 150]}\n"
                  "  checkpoint_every: {values: [0, 20]}\n  step_us: {value: 8000}\n";
    std::optional<wire::Created> created;
    if (!eventually([&] { return (created = ask<wire::Created>(create)).has_value(); }, 60s)) {
      report_.violations.push_back("no broker has made the sweep: " + broker_->err());
      return false;
    }
    report_.sweep = created->sweep;
    return true;
  }

  // ---- harm

  bool is_called_off() const { return plan_.is_called_off && plan_.is_called_off(); }

  std::uint64_t draw(std::uint64_t below) { return random_() % below; }
  milliseconds draw_time(milliseconds from, milliseconds to) {
    return from + milliseconds(draw(static_cast<std::uint64_t>((to - from).count())));
  }
  void count(const std::string& fault) { ++report_.faults[fault]; }
  void count_kill(const std::string& whom) {
    count("kill -9 " + whom);
    ++report_.kills;
  }

  void do_harm() {
    const auto start = Clock::now();
    auto told = start;
    while (Clock::now() - start < plan_.time || report_.kills < plan_.kills) {
      if (is_called_off()) return;
      // The random moment; nothing is waited for.
      std::this_thread::sleep_for(draw_time(20ms, 140ms));
      tend();
      const auto dice = draw(100);
      if (dice < 22) {
        kill_broker();
      } else if (dice < 50) {
        kill_worker();
      } else if (dice < 81) {
        kill_trainer();
      } else if (dice < 84) {
        preempt_worker();
      } else if (dice < 88) {
        stall_worker();
      } else if (dice < 91) {
        stall_broker();
      } else {
        harm_network();
      }
      if (plan_.tell && Clock::now() - told > 10s) {
        told = Clock::now();
        plan_.tell(std::to_string(report_.kills) + " kills");
      }
      if (!broker_->wait(0ms)) continue;
      report_.violations.push_back("the broker ended by itself: " + broker_->err());
      return;
    }
  }

  /// What is due: stalled workers go on, dead ones are followed, networks mend.
  void tend() {
    const auto now = Clock::now();
    for (Machine& machine : machines_) {
      if (machine.goes_on_at && now >= *machine.goes_on_at) {
        machine.goes_on_at.reset();
        if (machine.worker) machine.worker->signal(SIGCONT);
      }
      if (machine.mends_at && now >= *machine.mends_at) {
        machine.mends_at.reset();
        machine.proxy->hold(false);
        machine.proxy->mend();
      }
      // One that has left (it was quarantined, say) is followed as well.
      if (machine.worker && machine.worker->wait(0ms)) {
        if (is_harming_) count("workers that left");
        machine.worker.reset();
        machine.starts_at = now + 200ms;
      }
      if (!machine.worker && now >= machine.starts_at) start_worker(machine);
    }
  }

  Machine& any_machine() { return machines_[draw(machines_.size())]; }

  void kill_broker() {
    broker_->kill_hard();
    count_kill("broker");
    std::this_thread::sleep_for(draw_time(0ms, 150ms));
    start_broker();
  }

  void kill_worker() {
    Machine& machine = any_machine();
    const bool for_long = draw(6) == 0;
    const auto pause = for_long ? draw_time(kGivenUp, kGivenUp * 2) : draw_time(0ms, 300ms);
    if (!machine.worker) return;
    machine.worker->kill_hard();
    machine.worker.reset();
    machine.goes_on_at.reset();
    machine.starts_at = Clock::now() + pause;
    count_kill("worker");
    if (for_long) count("worker away for longer than a lease");
  }

  void kill_trainer() {
    const std::vector<pid_t> living = trainers();
    if (living.empty()) return;
    ::kill(living[draw(living.size())], SIGKILL);
    count_kill("trainer");
  }

  /// Its trainers save checkpoints, if they do, and their trials go back to the queue.
  void preempt_worker() {
    Machine& machine = any_machine();
    if (!machine.worker || machine.goes_on_at) return;
    machine.worker->signal(SIGTERM);
    count("SIGTERM worker");
  }

  void stall_worker() {
    Machine& machine = any_machine();
    if (!machine.worker || machine.goes_on_at) return;
    machine.worker->signal(SIGSTOP);
    machine.goes_on_at = Clock::now() + draw_time(kLease / 2, kGivenUp + kLease);
    count("SIGSTOP worker");
  }

  void stall_broker() {
    broker_->signal(SIGSTOP);
    std::this_thread::sleep_for(draw_time(50ms, 400ms));
    broker_->signal(SIGCONT);
    count("SIGSTOP broker");
  }

  void harm_network() {
    Machine& machine = any_machine();
    if (machine.mends_at) return;
    const auto way = draw(2) == 0 ? TcpProxy::Way::kUp : TcpProxy::Way::kDown;
    const auto until = Clock::now() + draw_time(100ms, kGivenUp + kLease);
    switch (draw(5)) {
      case 0:
        machine.proxy->hold(true);
        machine.mends_at = until;
        return count("partition");
      case 1:
        machine.proxy->hold(way, true);
        machine.mends_at = until;
        return count("partition, one way");
      case 2:
        machine.proxy->forget_connections();
        return count("half-open connections");
      case 3:
        machine.proxy->cut(true);
        machine.mends_at = until;
        return count("cut and refused");
      default:
        machine.proxy->cut_after(way, draw(4000));
        return count("cut in a frame");
    }
  }

  std::vector<pid_t> trainers() const { return living_trainers(folder_ + "/ledger"); }
  void end_trainers() const {
    for (const pid_t pid : trainers()) ::kill(pid, SIGKILL);
  }

  // ---- the end

  bool let_it_end() {
    for (Machine& machine : machines_) {
      machine.proxy->hold(false);
      machine.proxy->mend();
      machine.mends_at.reset();
      if (machine.goes_on_at) machine.goes_on_at = Clock::now();
      if (!machine.worker) machine.starts_at = Clock::now();
    }
    if (!report_.violations.empty()) return false;
    wire::GetSweep get;
    get.sweep = report_.sweep;
    wire::Control cap;  // no more than there are now, so that every trial has to end
    cap.sweep = report_.sweep;
    cap.action = static_cast<std::uint8_t>(wire::Action::kResume);
    bool is_capped = false;
    const auto finished = [&] {
      if (is_called_off()) return true;
      tend();
      const auto now = ask<wire::SweepReply>(get);
      if (!now) return false;
      cap.run_cap = now->sweep.counts.total() + 1;
      is_capped = is_capped || ask<wire::Done>(cap).has_value();
      return now->sweep.state == static_cast<std::uint8_t>(SweepState::kFinished);
    };
    if (!eventually(finished, kEndWithin)) {
      report_.violations.push_back("the sweep does not end; broker: " + broker_->err());
      return false;
    }
    return !is_called_off() && workers_leave();
  }

  /// Each machine has a worker once more, which delivers what is left there.
  bool workers_leave() {
    const auto deadline = Clock::now() + kEndWithin;
    for (Machine& machine : machines_) {
      std::optional<int> status;
      do {
        if (!machine.worker) start_worker(machine);
        machine.worker->signal(SIGCONT);
        const auto left = std::chrono::duration_cast<milliseconds>(deadline - Clock::now());
        status = machine.worker->wait(std::max(left, 1ms));
        // It was started while the broker could not be reached, and gave up at once.
        if (status == kExitUnavailable) machine.worker.reset();
      } while (status == kExitUnavailable && Clock::now() < deadline);
      if (status == 0) continue;
      report_.violations.push_back(
          "the worker of " + machine.name +
          (status ? " ended with " + std::to_string(*status) : std::string(" does not leave")) +
          ": " + (machine.worker ? machine.worker->err() : ""));
    }
    return report_.violations.empty();
  }

  void collect() {
    CrashEvidence& evidence = report_.evidence;
    wire::GetSweep get;
    get.sweep = report_.sweep;
    if (const auto reply = ask<wire::SweepReply>(get)) evidence.info = reply->sweep;
    broker_->signal(SIGTERM);
    if (broker_->wait(60s) != 0) {
      report_.violations.push_back("the broker did not end well: " + broker_->err());
    }
    evidence.stored = StoredSweep::read(folder_ + "/store", report_.sweep);
    if (const auto curves = counted_curves(folder_ + "/store", report_.sweep, evidence.stored)) {
      evidence.curves = *curves;
    } else {
      report_.violations.push_back("the store cannot be read: " + curves.status().to_string());
    }
    evidence.ledger = read_ledger(folder_ + "/ledger");
    {
      const std::lock_guard guard(mutex_);
      evidence.overheard = overheard_;
    }
    report_.trials = evidence.stored.trials.size();
    report_.attempts = evidence.stored.attempts.size();
    report_.trainers = evidence.ledger.size();
    report_.acknowledgements = evidence.overheard.acknowledgements();
    for (auto& wrong : audit(report_.sweep, evidence, &report_.points)) {
      report_.violations.push_back(std::move(wrong));
    }
  }

  const std::string folder_;
  const CrashPlan plan_;
  std::mt19937_64 random_;
  CrashReport report_;
  bool is_harming_ = false;
  std::mutex mutex_;
  Overheard overheard_;  // guarded by mutex_
  std::optional<Process> broker_;
  std::vector<Machine> machines_;
  std::unique_ptr<session::Client> client_;
};

}  // namespace

CrashReport crash_run(const std::string& folder, const CrashPlan& plan) {
  return Run(folder, plan).go();
}

}  // namespace scopa::test
