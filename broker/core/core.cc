#include "broker/core/core.h"

#include <algorithm>
#include <utility>

#include "broker/core/model_feed.h"
#include "broker/core/state.h"
#include "sdk/base/text.h"

namespace scopa::core {
namespace {

std::uint64_t request_of(const wire::Message& message) {
  return std::visit(
      [](const auto& m) -> std::uint64_t {
        if constexpr (requires { m.request; }) {
          return m.request;
        } else {
          return 0;
        }
      },
      message);
}

}  // namespace

// ---- the log ------------------------------------------------------------------------------------

Status Core::State::replay(const Event& event) {
  last_seq_ = std::max(last_seq_, event.seq);
  if (const auto* created = std::get_if<SweepCreated>(&event.body)) {
    auto made = Sweep::create(event.sweep, *created, event.at_us, &files_);
    if (!made) return made.status().with_prefix("sweep " + event.sweep);
    create_tokens_[created->token] = event.sweep;
    order_.push_back(event.sweep);
    sweeps_[event.sweep] = std::move(*made);
    return Status::ok();
  }
  if (const auto* removed = std::get_if<SweepRemoved>(&event.body)) {
    remember_removed(event.sweep, *removed);
    last_removed_us_ = std::max(last_removed_us_, event.at_us);
    return Status::ok();
  }
  Sweep* found = sweep(event.sweep);
  if (found == nullptr) {
    return {Code::kCorruption, "event " + std::to_string(event.seq) + " names sweep " +
                                   printable(event.sweep) + ", which no event created"};
  }
  found->apply(event, &files_);
  return Status::ok();
}

Status Core::State::replay_points(const wire::AttemptRef& ref, std::uint64_t seq, std::uint64_t to,
                                  const wire::PointsView& points) {
  last_seq_ = std::max(last_seq_, seq);
  Sweep* found = sweep(ref.sweep);
  if (found == nullptr || found->find(ref.trial) == nullptr) {
    return {Code::kCorruption, "points of a trial that no event created: " + printable(ref.sweep) +
                                   "/" + std::to_string(ref.trial)};
  }
  found->append(seq, ref.trial, ref.attempt, to, points);
  return Status::ok();
}

std::int64_t Core::State::last_event_us() const {
  std::int64_t last = last_removed_us_;
  for (const auto& [id, each] : sweeps_) last = std::max(last, each->updated_us);
  return last;
}

bool Core::State::anything_runs() const {
  return std::any_of(sweeps_.begin(), sweeps_.end(),
                     [](const auto& each) { return !each.second->running().empty(); });
}

void Core::State::start(Instant now, Turn*) {
  for (const SweepId& id : order_) {
    Sweep& each = *sweeps_[id];
    for (const std::uint64_t number : each.running()) {
      leases_.renew({id, number, each.find(number)->live_attempt()->number}, now + options_.lease);
      watch_attempt(each, *each.find(number));
    }
    watch_budgets(each);
  }
}

void Core::State::use_present_rules(Sweep& target) {
  if (target.rules != kRules) record(target, RulesChanged{kRules});
}

void Core::State::emit(const SweepId& id, EventBody body) {
  Sweep& target = *sweep(id);
  use_present_rules(target);
  record(target, std::move(body));
}

void Core::State::record(Sweep& target, EventBody body) {
  Event event{++last_seq_, to_unix_us(now_), target.id, std::move(body)};
  target.apply(event, &files_);
  if (target.model_is_open) tell_model(target, history_changes(target, event.body));
  if (target.next_is_told && !may_suggest(target)) tell_next(target, std::nullopt);
  watch(target, event.body);
  turn_->events.push_back(std::move(event));
}

void Core::State::tell_model(const Sweep& target, std::vector<search::HistoryChange> changes) {
  if (!target.model_is_open) return;
  for (auto& change : changes) {
    turn_->model.push_back(ModelChanged{target.id, std::move(change), last_seq_});
  }
}

void Core::State::open_model(Sweep& target) {
  if (target.model_is_open) return;
  target.model_is_open = true;
  turn_->model.push_back(ModelOpened{target.id, target.spec, target.seed, last_seq_});
  tell_model(target, whole_history(target));
}

// ---- speaking -----------------------------------------------------------------------------------

void Core::State::send(ClientId to, wire::Message message) {
  turn_->outgoing.push_back({to, std::move(message)});
}

void Core::State::refuse(ClientId to, std::uint64_t request, const Status& status) {
  send(to, wire::Error{request, static_cast<std::int32_t>(status.code()), status.message(),
                       status.help()});
}

Sweep* Core::State::sweep(const SweepId& id) {
  const auto it = sweeps_.find(id);
  return it == sweeps_.end() ? nullptr : it->second.get();
}

// ---- connections --------------------------------------------------------------------------------

void Core::State::on(ClientId from, wire::Hello& hello) {
  if (hello.version_min > wire::kProtocolVersion || hello.version_max < wire::kProtocolVersionMin ||
      hello.version_min > hello.version_max) {
    return refuse(
        from, 0,
        {Code::kUnsupported,
         "this broker speaks protocol " + std::to_string(wire::kProtocolVersionMin) + " to " +
             std::to_string(wire::kProtocolVersion) + ", you speak " +
             std::to_string(hello.version_min) + " to " + std::to_string(hello.version_max),
         "use a worker, SDK and broker of the same release"});
  }
  const bool is_worker = hello.role == "worker";
  if (is_worker == hello.worker.empty() || (!is_worker && hello.role != "client")) {
    return refuse(from, 0,
                  {Code::kInvalidArgument,
                   "hello: `role` must be \"worker\" with a `worker` id, or \"client\" without"});
  }
  if (clients_.size() >= limits::kClientsMax &&
      !clients_.contains(static_cast<std::uint64_t>(from))) {
    return refuse(from, 0, {Code::kUnavailable, "too many connections", "try again later"});
  }
  clients_[static_cast<std::uint64_t>(from)] = {is_worker, hello.worker};
  if (is_worker) {
    if (workers_.size() >= limits::kWorkersMax && !workers_.contains(hello.worker)) {
      std::erase_if(workers_, [&](const auto& each) {
        const auto client = clients_.find(static_cast<std::uint64_t>(each.second.client));
        return client == clients_.end() || client->second.worker != each.first;
      });
    }
    WorkerState& worker = workers_[hello.worker];
    worker.client = from;
    worker.connected = true;
    worker.host = printable(hello.host, limits::kNameBytesMax);
    worker.last_seen = now_;
  }
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  send(from,
       wire::Welcome{std::min(wire::kProtocolVersion, hello.version_max), options_.broker_id,
                     duration_cast<milliseconds>(options_.heartbeat).count(),
                     duration_cast<milliseconds>(options_.lease).count(), limits::kFrameBytesMax});
}

void Core::State::want_hello(ClientId from, std::uint64_t request) {
  refuse(from, request,
         {Code::kHelloRequired, "say hello first: this broker does not know the connection"});
}

void Core::State::receive(ClientId from, wire::Message message, Instant, Turn*) {
  if (auto* hello = std::get_if<wire::Hello>(&message)) return on(from, *hello);
  const auto client = clients_.find(static_cast<std::uint64_t>(from));
  if (client == clients_.end()) return want_hello(from, request_of(message));
  if (client->second.is_worker) {
    WorkerState& worker = workers_[client->second.worker];
    worker.client = from;
    worker.connected = true;
    worker.last_seen = now_;
  }
  std::visit(
      [&](auto& m) {
        using M = std::decay_t<decltype(m)>;
        constexpr bool kOfWorkers =
            std::is_same_v<M, wire::Ask> || std::is_same_v<M, wire::Report> ||
            std::is_same_v<M, wire::Heartbeat> || std::is_same_v<M, wire::Release> ||
            std::is_same_v<M, wire::Adopt> || std::is_same_v<M, wire::Checkpoint>;
        if constexpr (requires { this->on(from, m); }) {
          if (kOfWorkers && !client->second.is_worker) {
            return refuse(
                from, request_of(m),
                {Code::kInvalidArgument, std::string(M::kType) + ": only a worker may send this"});
          }
          on(from, m);
        } else {
          refuse(from, request_of(m),
                 {Code::kInvalidArgument, std::string(M::kType) + ": a broker sends this, it does "
                                                                  "not take it"});
        }
      },
      message);
}

void Core::State::disconnected(ClientId client) {
  const auto it = clients_.find(static_cast<std::uint64_t>(client));
  if (it == clients_.end()) return;
  if (const auto worker = workers_.find(it->second.worker);
      worker != workers_.end() && worker->second.client == client) {
    worker->second.connected = false;
  }
  clients_.erase(it);
  for (auto& [id, each] : sweeps_) {
    std::erase_if(each->waiting, [&](const WaitingAsk& ask) { return ask.client == client; });
  }
}

// ---- the face -----------------------------------------------------------------------------------

Core::Core(Options options) : state_(std::make_unique<State>(std::move(options))) {}
Core::~Core() = default;

Status Core::replay(const Event& event) { return state_->replay(event); }

Status Core::replay_points(const wire::AttemptRef& attempt, std::uint64_t seq, std::uint64_t,
                           std::uint64_t to, const wire::PointsView& points) {
  return state_->replay_points(attempt, seq, to, points);
}

void Core::start(Instant now, Turn* turn) { state_->start(now, turn); }

void Core::receive(ClientId from, wire::Message message, Instant now, Turn* turn) {
  state_->now_ = now;
  state_->turn_ = turn;
  state_->receive(from, std::move(message), now, turn);
}

void Core::suggested(const Suggested& suggestion, Instant now, Turn* turn) {
  state_->now_ = now;
  state_->turn_ = turn;
  state_->suggested(suggestion);
}

void Core::create(ClientId from, PreparedSweep& prepared, Instant now, Turn* turn) {
  state_->now_ = now;
  state_->turn_ = turn;
  state_->create(from, prepared);
}

void Core::edit(ClientId from, PreparedEdit& prepared, Instant now, Turn* turn) {
  state_->now_ = now;
  state_->turn_ = turn;
  state_->edit(from, prepared);
}

void Core::tick(Instant now, Turn* turn) {
  state_->now_ = now;
  state_->turn_ = turn;
  state_->tick();
}

std::optional<Instant> Core::next_deadline() const {
  const auto lease = state_->leases_.next_deadline();
  const auto limit = state_->deadlines_.next();
  return lease && limit ? std::min(*lease, *limit) : lease ? lease : limit;
}
void Core::disconnected(ClientId client) { state_->disconnected(client); }

Status Core::reread(const SweepId& sweep, std::span<const Event> events,
                    std::span<const PointsAppended> points, Instant now, Turn* turn) {
  state_->now_ = now;
  state_->turn_ = turn;
  return state_->reread(sweep, events, points);
}

std::int64_t Core::last_event_us() const { return state_->last_event_us(); }
bool Core::anything_runs() const { return state_->anything_runs(); }
bool Core::knows(ClientId client) const { return state_->knows(client); }
std::uint64_t Core::last_seq() const { return state_->last_seq_; }
std::vector<SweepId> Core::sweeps() const { return state_->order_; }

Result<SweepId> Core::find_sweep(const std::string& what) const { return state_->find_sweep(what); }

Result<wire::SweepInfo> Core::sweep_info(const SweepId& sweep) const {
  return state_->sweep_info(sweep);
}

Result<CountedPoints> Core::counted_points(const SweepId& sweep, TrialNumber trial,
                                           std::uint32_t attempt) const {
  return state_->counted_points(sweep, trial, attempt);
}

Result<std::vector<CurvePiece>> Core::curve_pieces(const SweepId& sweep, TrialNumber trial) const {
  return state_->curve_pieces(sweep, trial);
}

}  // namespace scopa::core
