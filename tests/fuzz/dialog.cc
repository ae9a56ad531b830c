#include "tests/fuzz/dialog.h"

#include <algorithm>
#include <utility>

#include "sdk/wire/codec.h"
#include "sdk/wire/points.h"
#include "tests/fuzz/checks.h"
#include "tests/fuzz/input.h"
#include "tests/support/kept_log.h"

namespace scopa::fuzz {
namespace {

constexpr std::uint64_t kStrangers = 4;
constexpr std::size_t kSlots = 2;
constexpr std::uint64_t kRunCap = 12;
constexpr std::size_t kStepsMax = 400;  // of one script
constexpr std::size_t kUnderWayMax = 256;
constexpr const char* kSpec =
    "name: fuzz\nmethod: random\nprogram: ./train\nmetric: {name: loss, goal: minimize}\n"
    "run_cap: 12\nparameters: {x: {min: 0.0, max: 1.0}, n: {values: [1, 2, 3]}}\n"
    "early_terminate: {type: hyperband, min_iter: 2, eta: 2}\n";

core::ClientId stranger(std::uint64_t who) { return core::ClientId{1 + who % kStrangers}; }

/// `@` as a sweep stands for the one that there is.
void name_sweep(const SweepId& sweep, wire::Message* message) {
  std::visit(
      [&](auto& m) {
        if constexpr (requires { m.sweep.compare(""); }) {
          if (m.sweep == "@") m.sweep = sweep;
        }
        if constexpr (requires { m.running; }) {
          for (wire::AttemptRef& each : m.running) {
            if (each.sweep == "@") each.sweep = sweep;
          }
        }
      },
      *message);
}

}  // namespace

/// Points 0, 1, 2 ... of "loss"; grows as the script says.
struct Dialog::Source final : session::PointSource {
  std::uint64_t records = 0;
  std::uint64_t available() const override { return records; }
  std::uint64_t read(std::uint64_t from, std::size_t records_max, PointBlock* block) override {
    const std::uint64_t to = std::min<std::uint64_t>(records, from + records_max);
    if (to <= from) return from;
    block->metrics = {"loss"};
    for (std::uint64_t i = from; i < to; ++i) {
      block->metric.push_back(0);
      block->step.push_back(static_cast<std::int64_t>(i));
      block->value.push_back(static_cast<double>(i % 17) / 16);
      block->time_us.push_back(static_cast<std::int64_t>(i));
    }
    return to;
  }
};

Dialog::Dialog()
    : now_(from_unix_us(1'700'000'000'000'000)),
      core_(std::make_unique<core::Core>(core::Options{.broker_id = "b1"})),
      slots_(kSlots) {
  to_broker(stranger(0), wire::Hello{.role = "client"});
  wire::Create create;
  create.token = "fuzz";
  create.file_name = "s.yaml";
  create.spec = kSpec;
  to_broker(stranger(0), create);
  if (core_->sweeps().empty()) {
    wrong("no sweep was created");
    return;
  }
  sweep_ = core_->sweeps().front();
  to_broker(stranger(1), wire::Hello{.role = "worker", .worker = "stranger", .host = "there"});
  session::SessionOptions options;
  options.endpoint = "inproc://fuzz";
  options.worker = "w1";
  options.host = "here";
  options.sweep = sweep_;
  options.devices.assign(kSlots, "cpu");
  options.seed = 7;
  session_ = std::make_unique<session::Session>(options, now_);
  tick_worker();
  exchange(4);
}

Dialog::~Dialog() = default;

std::string Dialog::play(std::string_view script) {
  Input input(script);
  for (std::size_t i = 0; i < kStepsMax && !input.empty() && wrong_.empty(); ++i) {
    const std::uint64_t head = input.number(1);
    const std::uint64_t number = input.number(2);
    const auto what = static_cast<Step>(head % 8);
    const bool has_frame = what == kToBroker || what == kToWorker;
    step(what, head / 8, number, has_frame ? input.text(number) : std::string_view());
    tick_worker();
    check_counts();
  }
  return wrong_;
}

void Dialog::step(Step what, std::uint64_t who, std::uint64_t number, std::string_view frame) {
  switch (what) {
    case kToBroker:
    case kToWorker: {
      auto message = wire::decode(frame);
      if (!message) return;
      name_sweep(sweep_, &*message);
      if (what == kToBroker) return to_broker(stranger(who), std::move(*message));
      if (!session_->done()) session_->receive(*message, now_, &actions_);
      return;
    }
    case kTime: {
      now_ += std::chrono::milliseconds(50) * static_cast<std::int64_t>(number);
      core::Turn turn;
      core_->tick(now_, &turn);
      return settle(std::move(turn));
    }
    case kExchange:
      return exchange(number % 64);
    case kHangUp:
      if (who % 2 == 0) return core_->disconnected(stranger(who / 2));
      to_broker_.clear();
      return to_worker_.clear();
    case kPoints:
      for (Slot& slot : slots_) {
        if (slot.running) slot.source->records += number % 1024;
      }
      return;
    case kEnd:
      return end_trainer(number);
    case kRestart:
      return restart();
  }
}

void Dialog::end_trainer(std::uint64_t number) {
  Slot& slot = slots_[number / 4 % kSlots];
  if (!slot.running) return;
  slot.running = false;
  session::TrialEnd how;
  how.ran_to_end = number % 4 == 0;
  if (number % 4 == 1) how.exit_code = 1;
  if (number % 4 == 2) how.outcome = wire::Outcome::kKilled;
  if (number % 4 == 3) how.interrupted = true;
  session_->ended(static_cast<std::uint32_t>(number / 4 % kSlots), how, now_, &actions_);
}

// ---- the broker's side --------------------------------------------------------------------------

void Dialog::to_broker(core::ClientId from, wire::Message message) {
  core::Turn turn;
  core_->receive(from, std::move(message), now_, &turn);
  settle(std::move(turn));
}

void Dialog::settle(core::Turn turn) {
  for (bool again = true; again;) {
    const bool is_removal =
        std::any_of(turn.events.begin(), turn.events.end(),
                    [](const core::Event& event) { return core::removes(event.body); });
    for (const core::Event& event : turn.events) check_event(event);
    for (const core::PointsAppended& points : turn.points) check_points(points);
    for (const core::Outgoing& out : turn.outgoing) follow(out);
    const std::vector<core::ModelTask> tasks = std::move(turn.model);
    const std::vector<SweepId> reread = std::move(turn.reread);
    if (is_removal) core::drop_removed(&events_, &reports_);
    turn.clear();
    for (const SweepId& sweep : reread) {
      if (!core::reread_kept(*core_, sweep, events_, reports_, now_, &turn)) {
        wrong("a sweep cannot be read again");
      }
    }
    again = turn.must_commit() || !turn.outgoing.empty();
    for (const core::ModelTask& task : tasks) {
      if (const auto suggested = models_.perform(task)) {
        core_->suggested(*suggested, now_, &turn);
        again = true;
      }
    }
  }
}

void Dialog::follow(const core::Outgoing& out) {
  auto message = travel(out.message);
  if (message && out.to == core::ClientId{worker_client_} && to_worker_.size() < kUnderWayMax) {
    to_worker_.push_back(std::move(*message));
  }
}

std::optional<wire::Message> Dialog::travel(const wire::Message& message) {
  const std::string frame = wire::encode(message);
  auto back = wire::decode(frame);
  if (!back) {
    wrong(std::string(wire::type_of(message)) + " cannot be read: " + back.status().message());
    return std::nullopt;
  }
  return std::move(*back);
}

void Dialog::check_event(const core::Event& event) {
  const std::string bytes = core::encode_event(event);
  const auto back = core::decode_event(event.sweep, event.seq, bytes);
  if (!back) {
    wrong("an event cannot be read: " + back.status().message());
  } else if (core::encode_event(*back) != bytes) {
    wrong("an event changed in writing");
  }
  if (!events_.empty() && event.seq <= events_.back().seq) wrong("events out of order");
  events_.push_back(event);
}

void Dialog::check_points(const core::PointsAppended& points) {
  std::uint64_t& applied = applied_[points.attempt];
  if (points.from != applied || points.to <= points.from) {
    wrong("points that do not follow those before them");
  }
  applied = points.to;
  const auto view = wire::PointsView::parse(points.block);
  if (!view || view->size() > points.to - points.from) wrong("points that cannot be read");
  reports_.push_back(points);
}

void Dialog::check_counts() {
  if (core_ == nullptr) return wrong("the log is refused");
  for (const SweepId& id : core_->sweeps()) {
    const auto info = core_->sweep_info(id);
    if (!info) return wrong("a sweep without information");
    if (id == sweep_ && info->run_cap == kRunCap && info->configurations > kRunCap) {
      // Enqueued configurations are a person's decision and come on top of it.
      const auto enqueued = std::count_if(events_.begin(), events_.end(), [&](const auto& event) {
        const auto* created = std::get_if<core::TrialCreated>(&event.body);
        return created != nullptr && event.sweep == sweep_ &&
               created->origin == static_cast<std::uint8_t>(core::Origin::kEnqueued);
      });
      if (info->configurations > kRunCap + static_cast<std::uint64_t>(enqueued)) {
        wrong("the run cap is exceeded");
      }
    }
    const auto trials = std::count_if(events_.begin(), events_.end(), [&](const auto& event) {
      return event.sweep == id && std::holds_alternative<core::TrialCreated>(event.body);
    });
    if (info->counts.total() != static_cast<std::uint64_t>(trials)) wrong("counts do not add up");
  }
}

std::unique_ptr<core::Core> Dialog::replayed() {
  auto copy = std::make_unique<core::Core>(core::Options{.broker_id = "b2"});
  for (const core::Event& event : events_) {
    if (const Status status = copy->replay(event); !status) {
      wrong("the log is refused: " + status.to_string());
      return nullptr;
    }
  }
  for (const core::PointsAppended& each : reports_) {
    const auto view = wire::PointsView::parse(each.block);
    if (!view || !copy->replay_points(each.attempt, each.seq, each.from, each.to, *view)) {
      wrong("reports of the log are refused");
      return nullptr;
    }
  }
  return copy;
}

void Dialog::restart() {
  auto copy = replayed();
  if (copy == nullptr) return;
  core_ = std::move(copy);
  models_ = {};
  to_broker_.clear();
  to_worker_.clear();
  core::Turn turn;
  core_->start(now_, &turn);
  settle(std::move(turn));
}

std::string Dialog::state_of(core::Core& core) {
  std::string state;
  core::Turn turn;
  core.receive(stranger(0), wire::Hello{.role = "client"}, now_, &turn);
  turn.clear();
  for (const SweepId& id : core.sweeps()) {
    for (std::uint64_t offset = 0;;) {
      core.receive(stranger(0), wire::ListTrials{.sweep = id, .offset = offset}, now_, &turn);
      if (turn.outgoing.empty()) return "no answer";
      const auto* page = std::get_if<wire::Trials>(&turn.outgoing.back().message);
      if (page == nullptr || page->trials.empty()) break;
      offset += page->trials.size();
      state += wire::encode(*page);
      turn.clear();
    }
    turn.clear();
    auto info = core.sweep_info(id);
    if (!info) return "no information";
    info->workers = 0;  // connections are not in the log
    state += wire::encode(wire::SweepReply{.sweep = std::move(*info)});
  }
  return state;
}

std::string Dialog::check_log() {
  if (!wrong_.empty()) return wrong_;
  const auto copy = replayed();
  if (copy == nullptr) return wrong_;
  return state_of(*core_) == state_of(*copy) ? "" : "the log gives another state";
}

// ---- the worker's side --------------------------------------------------------------------------

void Dialog::tick_worker() {
  if (session_ == nullptr) return;
  constexpr int kRoundsMax = 8;  // what an action leads to is done in the next one
  for (int i = 0; i < kRoundsMax; ++i) {
    if (!session_->done()) session_->tick(now_, &actions_);
    if (actions_.empty()) return;
    session::Actions actions = std::exchange(actions_, {});
    for (session::Action& action : actions) follow(action);
  }
}

void Dialog::follow(session::Action& action) {
  if (std::holds_alternative<session::Connect>(action)) {
    core_->disconnected(core::ClientId{worker_client_++});
    to_broker_.clear();
    to_worker_.clear();
  } else if (auto* send = std::get_if<session::Send>(&action)) {
    auto message = travel(send->message);
    if (message && to_broker_.size() < kUnderWayMax) to_broker_.push_back(std::move(*message));
  } else if (auto* start = std::get_if<session::StartTrial>(&action)) {
    if (start->slot >= slots_.size()) return wrong("a trial in a slot that is not there");
    Slot& slot = slots_[start->slot];
    if (slot.source != nullptr) return wrong("two trials in one slot");
    slot.source = std::make_unique<Source>();
    slot.running = true;
    session_->started(start->slot, slot.source.get());
  } else if (auto* end = std::get_if<session::EndTrial>(&action)) {
    if (end->slot >= slots_.size()) return wrong("the end of a trial in no slot");
    if (!slots_[end->slot].running) return;
    slots_[end->slot].running = false;
    session::TrialEnd how;
    how.outcome = wire::Outcome::kKilled;
    session_->ended(end->slot, how, now_, &actions_);
  } else if (auto* forget = std::get_if<session::ForgetTrial>(&action)) {
    if (forget->slot >= slots_.size()) return wrong("a trial forgotten in no slot");
    if (slots_[forget->slot].running) return wrong("a trial forgotten while its trainer runs");
    slots_[forget->slot].source.reset();
  }
}

void Dialog::exchange(std::uint64_t messages) {
  for (; messages > 0 && !(to_broker_.empty() && to_worker_.empty()); --messages) {
    if (!to_broker_.empty()) {
      wire::Message message = std::move(to_broker_.front());
      to_broker_.pop_front();
      to_broker(core::ClientId{worker_client_}, std::move(message));
    }
    if (!to_worker_.empty()) {
      const wire::Message message = std::move(to_worker_.front());
      to_worker_.pop_front();
      if (!session_->done()) session_->receive(message, now_, &actions_);
      tick_worker();
    }
  }
}

std::string check_dialog(std::string_view script) {
  Dialog dialog;
  if (auto why = dialog.play(script); !why.empty()) return why;
  return dialog.check_log();
}

}  // namespace scopa::fuzz
