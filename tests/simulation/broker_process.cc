#include "tests/simulation/broker_process.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "broker/server/stored_log.h"
#include "broker/store/log_store.h"
#include "sdk/wire/codec.h"

namespace scopa::sim {

BrokerMachine::Process::Process(BrokerMachine* machine)
    : machine_(machine),
      started_(machine->world_->now()),
      started_at_(machine->wall()),
      core_options_{.broker_id = "b" + std::to_string(machine->starts_)} {}

void BrokerMachine::Process::later(microseconds delay, void (Process::*what)()) {
  world()->after(delay, shared_from_this(), [this, what] { (this->*what)(); });
}

// ---- start --------------------------------------------------------------------------------------

void BrokerMachine::Process::open() {
  auto engine = store::MemoryEngine::open(machine_->disk_);
  if (!engine) return machine_->died(false);  // the disk fails: the supervisor tries again
  auto opened =
      store::LogStore::open(std::move(*engine), machine_->options_.durability, to_unix_us(now()));
  if (!opened) return machine_->died(false);
  store_ = std::move(*opened);
  const bool may_have_lost = std::exchange(machine_->power_went_, false) &&
                             machine_->options_.durability == store::Durability::kProcess;
  machine_->auditor_->reopened(*store_, may_have_lost);
  core_ = rebuild_core(world(), *store_, core_options_);
  if (!core_) return;
  world()->note("broker", "opened", std::to_string(core_->last_seq()));
  world()->say("broker", "opened, last_seq " + std::to_string(core_->last_seq()));
  later(machine_->random_.time(milliseconds(1), machine_->options_.recovery_max), &Process::serve);
}

void BrokerMachine::Process::serve() {
  server::take_over(core_.get(), now(), &round_->turn);
  decides_since_ = now();
  decided();
  const std::weak_ptr<Process> self = weak_from_this();
  machine_->network_->listen([self](std::string_view routing_id, std::string frame) {
    const auto process = self.lock();
    if (!process) return;
    process->inbox_.push_back({std::string(routing_id), std::move(frame)});
    if (std::exchange(process->pump_planned_, true)) return;
    process->later(process->machine_->random_.time(microseconds(5), microseconds(400)),
                   &Process::pump);
  });
  advance();
}

// ---- deciding -----------------------------------------------------------------------------------

void BrokerMachine::Process::pump() {
  pump_planned_ = false;
  while (!inbox_.empty() && !rereads_) {
    const Arrived frame = std::move(inbox_.front());
    inbox_.pop_front();
    take(frame);
  }
  advance();
}

void BrokerMachine::Process::take(const Arrived& frame) {
  auto message = wire::decode(frame.bytes);
  if (!message) return world()->violate("wire", message.status().to_string());
  std::optional<core::ClientId> evicted;
  const core::ClientId from = clients_.heard(frame.routing_id, &evicted);
  if (evicted) core_->disconnected(*evicted);
  if (const auto* hello = std::get_if<wire::Hello>(&*message)) workers_[from] = hello->worker;
  world()->note("broker", wire::type_of(*message), frame.bytes);
  if (world()->keeps_text()) {
    world()->say("broker",
                 "got " + std::string(wire::type_of(*message)) + " of " + worker_of(from));
  }
  take(from, std::move(*message));
}

void BrokerMachine::Process::take(core::ClientId from, wire::Message message) {
  if (!serves(from, message)) return;
  if (auto* query = std::get_if<wire::GetPoints>(&message)) {
    round_->queries.push_back({from, std::move(*query)});
    return;
  }
  const bool is_a_report = std::holds_alternative<wire::Report>(message) ||
                           std::holds_alternative<wire::Release>(message);
  std::string expected;
  const bool compare = is_a_report && !worker_of(from).empty() && is_quiet() &&
                       machine_->random_.chance(machine_->options_.rebuild_checks);
  if (compare) {
    const auto twin = rebuild_core(world(), *store_, core_options_);
    if (!twin) return;
    expected = decisions_on(*twin, worker_of(from), message, now());
  }
  core_->receive(from, std::move(message), now(), &round_->turn);
  if (compare && decisions_in(round_->turn) != expected) {
    world()->violate("restart-decides-alike",
                     "a core rebuilt from the store decides otherwise on a report");
  }
  decided();
}

void BrokerMachine::Process::decided() {
  rereads_ |= !round_->turn.reread.empty();
  auto tasks = std::move(round_->turn.model);
  round_->turn.model.clear();
  for (const core::ModelTask& task : tasks) think(task);
  think_on();
  arm_deadline();
}

/// As broker/server/model_thread.h, whose thread is busy until the world says that it is not.
void BrokerMachine::Process::think(const core::ModelTask& task) {
  if (auto ready = ahead_.hear(task, world()->now().time_since_epoch()))
    return suggest(std::move(*ready), {});
  tasks_.push_back(task);
}

void BrokerMachine::Process::think_on() {
  if (thinks_) return;
  while (!tasks_.empty()) {
    const core::ModelTask task = std::move(tasks_.front());
    tasks_.pop_front();
    const auto* wanted = std::get_if<core::ModelWanted>(&task);
    if (wanted == nullptr) {
      models_.perform(task);
      continue;
    }
    if (auto ready = ahead_.turn(*wanted)) {
      suggest(std::move(*ready), {});
      continue;
    }
    const microseconds time = time_to_think();
    suggest(*models_.perform(task), time);
    ahead_.took(wanted->sweep, time);
    return be_busy(time, [] {});
  }
  if (const auto job = ahead_.next(world()->now().time_since_epoch())) {
    const microseconds time = time_to_think();
    return be_busy(time,
                   [this, job = *job, time, params = models_.propose(job->sweep, job->suggestion)] {
                     ahead_.done(job, params, time);
                   });
  }
  if (const auto due = ahead_.due()) {
    world()->after(*due - world()->now().time_since_epoch(), shared_from_this(),
                   [this, of = cores_] {
                     if (of == cores_) think_on();
                   });
  }
}

void BrokerMachine::Process::be_busy(microseconds time, std::function<void()> then) {
  thinks_ = true;
  world()->after(time, shared_from_this(), [this, of = cores_, then = std::move(then)] {
    if (of != cores_) return;
    thinks_ = false;
    then();
    think_on();
  });
}

/// The answers under way are of a core that is gone.
void BrokerMachine::Process::forget_thoughts() {
  models_ = {};
  ahead_ = {};
  tasks_.clear();
  thinks_ = false;
}

/// On both sides of limits::kAskWaitMax.
microseconds BrokerMachine::Process::time_to_think() {
  return machine_->random_.time(microseconds(10), milliseconds(100));
}

void BrokerMachine::Process::suggest(core::Suggested suggested, microseconds in) {
  world()->after(in, shared_from_this(), [this, of = cores_, suggested = std::move(suggested)] {
    const auto decide = [this, of, suggested] {
      if (of != cores_ || !standing_.is_well()) return;
      core_->suggested(suggested, now(), &round_->turn);
      decided();
      advance();
    };
    if (rereads_) return late_.push_back(decide);
    decide();
  });
}

void BrokerMachine::Process::arm_deadline() {
  const std::optional<Instant> next = core_->next_deadline();
  if (!next || !standing_.may_tick() || (armed_for_ && *armed_for_ <= *next)) return;
  armed_for_ = next;
  const auto wait = std::max<microseconds>(*next - now(), milliseconds(5));
  world()->after(wait, shared_from_this(), [this, next] {
    if (armed_for_ != next || !standing_.may_tick()) return;
    armed_for_.reset();
    if (rereads_) return;  // armed again when it is done
    core_->tick(now(), &round_->turn);
    decided();
    advance();
  });
}

// ---- committing ---------------------------------------------------------------------------------

void BrokerMachine::Process::advance() {
  if (committing_ || rereading_) return;
  if (round_->turn.must_commit()) return submit();
  speak(*round_);
  round_->clear();
}

void BrokerMachine::Process::submit() {
  committing_ = std::exchange(round_, std::make_unique<server::Round>());
  machine_->auditor_->submitted(committing_->turn.events, committing_->turn.points);
  const BrokerOptions& options = machine_->options_;
  const microseconds time = machine_->random_.time(options.commit_min, options.commit_max);
  if (machine_->random_.chance(options.crash_in_commit)) {
    world()->after(machine_->random_.time(microseconds(0), time * 2), shared_from_this(),
                   [this] { machine_->kill(machine_->random_.chance(0.5)); });
  }
  later(time / 2, &Process::write);
  later(time, &Process::written);
}

void BrokerMachine::Process::write() {
  commit_status_ = store_->commit(committing_->turn.events, committing_->turn.points);
}

void BrokerMachine::Process::written() {
  if (!commit_status_) return fail();
  auto round = std::move(committing_);
  machine_->auditor_->committed();
  check_leases(round->turn.events);
  if (round->turn.reread.empty()) return finish(*round);
  rereading_ = std::move(round);
  later(machine_->random_.time(milliseconds(1), milliseconds(300)), &Process::reread);
}

void BrokerMachine::Process::reread() {
  const auto round = std::move(rereading_);
  for (const SweepId& sweep : round->turn.reread) {
    const auto log = server::read_stored_log(*store_, sweep);
    const Status read =
        log ? core_->reread(sweep, log->events, log->points, now(), &round_->turn) : log.status();
    if (!read) return world()->violate("store-readable", read.to_string());
  }
  rereads_ = false;
  decided();
  for (const auto& late : std::exchange(late_, {})) late();
  finish(*round);
  if (!std::exchange(pump_planned_, true)) later(microseconds(50), &Process::pump);
}

void BrokerMachine::Process::finish(server::Round& round) {
  if (round_->turn.must_commit() && !committing_) submit();
  speak(round);
}

// ---- speaking -----------------------------------------------------------------------------------

void BrokerMachine::Process::speak(server::Round& round) {
  acks_.drop_covered(&round.turn.outgoing);
  for (const core::Outgoing& words : round.turn.outgoing) send(words.to, words.message);
  for (const server::Round::PointsQuery& each : round.queries) {
    send(each.from, server::answer_points(*core_, *store_, each.query));
  }
}

void BrokerMachine::Process::send(core::ClientId to, const wire::Message& message) {
  const std::string* routing_id = clients_.routing_id(to);
  if (routing_id == nullptr) return;
  const std::string frame = wire::encode(message);
  world()->note("says", wire::type_of(message), frame);
  if (world()->keeps_text()) {
    world()->say("broker", "says " + std::string(wire::type_of(message)) + " to " + worker_of(to));
  }
  check_said(message);
  machine_->auditor_->said(worker_of(to), message);
  if (machine_->network_->send_down(*routing_id, frame)) return;
  clients_.forget(to);
  core_->disconnected(to);
}

std::string BrokerMachine::Process::worker_of(core::ClientId client) const {
  const auto found = workers_.find(client);
  return found == workers_.end() ? std::string() : found->second;
}

// ---- looking ------------------------------------------------------------------------------------

bool BrokerMachine::Process::is_quiet() const {
  return core_ && !committing_ && !rereads_ && !round_->turn.must_commit() &&
         standing_.is_readable() && !standing_.is_store_taken();
}

void BrokerMachine::Process::check_rebuilt() {
  if (!is_quiet()) return;
  const auto twin = rebuild_core(world(), *store_, core_options_);
  if (!twin) return;
  if (picture_of(*twin, now()) != picture_of(*core_, now())) {
    world()->violate("rebuilt-is-equal",
                     "the core rebuilt from the store differs from the live one");
  }
}

bool BrokerMachine::Process::look(const std::function<void(core::Core&)>& look) {
  if (!is_quiet() || !standing_.is_well()) return false;
  look(*core_);
  return true;
}

}  // namespace scopa::sim
