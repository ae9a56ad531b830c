#include "broker/server/loop.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <random>
#include <utility>
#include <variant>

#include "broker/server/event_log.h"
#include "broker/server/log_pages.h"
#include "broker/server/notify.h"
#include "broker/server/rebuild.h"
#include "broker/server/reply.h"
#include "broker/server/wall_clock.h"
#include "sdk/base/log_text.h"
#include "sdk/wire/codec.h"

namespace scopa::server {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;

/// A deadline that has passed is not looked at again sooner than this, whatever the core says.
constexpr std::chrono::milliseconds kTickMin{5};

std::uint64_t last_seq_of(const core::Turn& turn) {
  return std::max(turn.events.empty() ? 0 : turn.events.back().seq,
                  turn.points.empty() ? 0 : turn.points.back().seq);
}

std::string new_process_id() {
  std::random_device device;
  char text[17];
  std::snprintf(text, sizeof text, "%08x%08x", device(), device());
  return text;
}

}  // namespace

Loop::Loop(BrokerOptions options)
    : options_(std::move(options)),
      started_(std::chrono::steady_clock::now()),
      started_at_(wall_clock()),
      process_id_(new_process_id()) {}

Loop::~Loop() {
  file_thread_.reset();
  cancel_errands_ = true;
  errand_thread_.reset();
  committer_.reset();
  model_.reset();
  if (socket_ != nullptr) close();
}

void Loop::close() {
  std::error_code ignored;
  std::filesystem::remove(endpoint_file(), ignored);
  socket_->close();
}

// The clock at the start, carried on by the steady one: when someone sets the wall clock, no lease
// expires.
Instant Loop::now() const {
  return started_at_ + duration_cast<microseconds>(std::chrono::steady_clock::now() - started_);
}

Status Loop::run() {
  for (const std::string& endpoint : endpoints()) {
    spdlog::info("broker listening endpoint={} folder={} sweeps={} last_seq={}", endpoint,
                 options_.folder, core_->sweeps().size(), core_->last_seq());
  }
  take_over(core_.get(), now(), &round_->turn);
  decided();
  socket_->start([this] { pump(); });
  if (options_.handle_signals) wait_for_signal();
  arm_watchdog();
  look_at_store();
  pump_later();
  notify::ready();
  io_.run();
  notify::stopping();
  const BrokerTotals all = totals();
  close();
  spdlog::info(
      "broker stopped frames={} garbage={} commits={} replies_dropped={} closed={} refused={} "
      "denied={} suggested={} ahead={} overtaken={}",
      all.frames, all.garbage, all.commits, all.replies_dropped, all.closed, all.refused,
      all.denied, all.suggested, all.ahead, all.overtaken);
  return end_;
}

BrokerTotals Loop::totals() const {
  return {.frames = frames_,
          .garbage = garbage_frames_,
          .commits = commits_,
          .replies_dropped = replies_dropped_,
          .refused = socket_->refused(),
          .denied = guard_.denied(),
          .closed = socket_->closed(),
          .suggested = suggested_,
          .ahead = ahead_,
          .overtaken = overtaken_};
}

void Loop::stop() {
  boost::asio::post(io_, [this] { begin_stop("asked to"); });
}

// ---- deciding -----------------------------------------------------------------------------------

bool Loop::accepts() const {
  if (stopping_ || rereads_) return false;
  return round_->commands < limits::kRoundCommandsMax && round_->bytes < limits::kRoundBytesMax &&
         round_->log_queries.size() < limits::kRoundLogPagesMax;
}

/// Receives until nothing waits or the round is full, then sets the round going. Every send may
/// have used up the socket's signal, so after each one it runs again.
void Loop::pump() {
  bool is_empty = false;
  Frame frame;
  while (accepts()) {
    if (!socket_->receive(&frame)) {
      is_empty = true;
      break;
    }
    take(frame);
  }
  if (is_empty) forget_gone();
  answer_queries();
  const bool spoke = advance();
  if (stopping_) return end_if_quiet();
  const bool may_answer = !queries_.empty() && round_->answered < limits::kRoundQueriesMax;
  if (spoke || ((!is_empty || may_answer) && accepts())) pump_later();
}

void Loop::pump_later() {
  if (std::exchange(pump_is_posted_, true)) return;
  boost::asio::post(io_, [this] {
    pump_is_posted_ = false;
    pump();
  });
}

void Loop::take(const Frame& frame) {
  ++round_->commands;
  frames_.fetch_add(1, std::memory_order_relaxed);
  round_->bytes += frame.body.size();
  auto message = frame.is_single
                     ? wire::decode(frame.body)
                     : Status{Code::kInvalidArgument, "a message must be a single frame"};
  if (!message) {
    garbage_frames_.fetch_add(1, std::memory_order_relaxed);
    garbage_.add(frame.from, message.status(), std::chrono::steady_clock::now());
    const std::uint64_t request = frame.is_single ? wire::request_in(frame.body) : 0;
    encode_reply(error_reply(request, message.status()), &frame_);
    (void)socket_->send(frame.from, frame_);
    return;
  }
  if (const Status allowed = guard_.check(frame.sender, *core_, &*message); !allowed) {
    encode_reply(error_reply(wire::request_of(*message), allowed), &frame_);
    (void)socket_->send(frame.from, frame_);
    return;
  }
  std::optional<core::ClientId> evicted;
  const core::ClientId from = clients_.heard(frame.from, &evicted);
  if (evicted) disconnected(*evicted);
  if (const auto* query = std::get_if<wire::GetBroker>(&*message)) {
    return send(from, about(query->request, frame.sender.role));
  }
  wait_for_turn(from, std::move(*message), frame.body.size());
}

/// What takes long stands behind what workers say.
void Loop::wait_for_turn(core::ClientId from, wire::Message message, std::size_t bytes) {
  const bool has_file =
      std::holds_alternative<wire::Create>(message) || std::holds_alternative<wire::Edit>(message);
  const bool is_file = has_file && core_->knows(from) && standing_.is_well();
  if (!is_file && !QueryQueue::may_wait(message, bytes)) return decide(from, std::move(message));
  const std::uint64_t request = wire::request_of(message);
  if (const Status full = (is_file ? files_ : queries_).add(from, message, bytes); !full) {
    return send(from, error_reply(request, full));
  }
  if (is_file) read_next_file();
}

/// Questions after what workers say, and a few at a time: their answers are what takes long, and
/// all answers of a round are in memory together.
void Loop::answer_queries() {
  while (!stopping_ && !rereads_ && round_->answered < limits::kRoundQueriesMax) {
    std::optional<QueryQueue::Asked> asked = queries_.next();
    if (!asked) return;
    ++round_->answered;
    decide(asked->from, std::move(asked->message));
  }
}

/// Connections that have ended, once all that came through them has been taken.
void Loop::forget_gone() {
  for (const std::string& routing_id : socket_->take_gone()) {
    if (const auto client = clients_.forget(routing_id)) disconnected(*client);
  }
}

void Loop::disconnected(core::ClientId client) {
  queries_.forget(client);
  files_.forget(client);
  core_->disconnected(client);
}

void Loop::decide(core::ClientId from, wire::Message message) {
  if (!serves(from, &message)) return;
  if (auto* query = std::get_if<wire::GetPoints>(&message)) {
    round_->queries.push_back({from, std::move(*query)});
    return;
  }
  if (auto* query = std::get_if<wire::GetLog>(&message)) {
    round_->log_queries.push_back({from, std::move(*query), core_->last_seq()});
    return;
  }
  core_->receive(from, std::move(message), now(), &round_->turn);
  decided();
}

/// The model may start at once: nobody sees it think.
void Loop::decided() {
  rereads_ |= !round_->turn.reread.empty();
  model_->add(&round_->turn.model);
  arm_deadline();
}

// ---- committing ---------------------------------------------------------------------------------

/// Hands the round over, or speaks it when it has nothing to write. Whether something was sent.
bool Loop::advance() {
  if (committing_) return false;
  if (round_->turn.must_commit()) {
    submit();
    return false;
  }
  const bool has_words = round_->has_words();
  if (has_words) speak(*round_);
  round_->clear();
  return has_words;
}

void Loop::submit() {
  committing_ = true;
  std::unique_ptr<Round> next =
      spares_.empty() ? std::make_unique<Round>() : std::move(spares_.back());
  if (!spares_.empty()) spares_.pop_back();
  committer_->submit(std::exchange(round_, std::move(next)));
}

void Loop::committed(std::unique_ptr<Round> round, Status status) {
  committing_ = false;
  if (!status) {
    fail(*round, status);
    return stopping_ ? end_if_quiet() : pump();
  }
  durable_seq_ = std::max(durable_seq_, last_seq_of(round->turn));
  commits_.fetch_add(1, std::memory_order_relaxed);
  if (!round->turn.reread.empty()) return reread(std::move(round));
  finish(std::move(round));
}

void Loop::finish(std::unique_ptr<Round> round) {
  // The next commit first, so that the disk works while we speak.
  if (round_->turn.must_commit()) submit();
  log_events(round->turn.events);
  give_back(round->turn.events);
  speak(*round);
  round->clear();
  spares_.push_back(std::move(round));
  pump();
}

// ---- speaking -----------------------------------------------------------------------------------

void Loop::speak(Round& round) {
  acks_.drop_covered(&round.turn.outgoing);
  for (const core::Outgoing& words : round.turn.outgoing) send(words.to, words.message);
  for (const Round::PointsQuery& each : round.queries) {
    send(each.from, answer_points(*core_, *store_, each.query));
  }
  for (const Round::LogQuery& each : round.log_queries) {
    send(each.from, answer_log(*core_, *store_, each.query, each.last_seq));
  }
}

void Loop::send(core::ClientId to, const wire::Message& message) {
  const std::string* routing_id = clients_.routing_id(to);
  if (routing_id == nullptr) return;
  encode_reply(message, &frame_);
  switch (socket_->send(*routing_id, frame_)) {
    case Sent::kYes:
      return;
    case Sent::kFull:  // it does not read; what matters is asked for again
      replies_dropped_.fetch_add(1, std::memory_order_relaxed);
      return;
    case Sent::kGone:
      clients_.forget(to);
      disconnected(to);
  }
}

// ---- time and end -------------------------------------------------------------------------------

void Loop::arm_deadline() {
  const std::optional<Instant> next = core_->next_deadline();
  // Leases move with every message, and nearly always away from us: the timer that is set may fire
  // for nothing, which is cheaper than setting it each time.
  if (!next || stopping_ || !standing_.may_tick() || (armed_for_ && *armed_for_ <= *next)) return;
  armed_for_ = next;
  deadline_.expires_after(std::max<microseconds>(*next - now(), kTickMin));
  deadline_.async_wait([this](const boost::system::error_code& error) {
    if (error || stopping_ || !standing_.may_tick()) return;
    armed_for_.reset();
    if (rereads_) return;  // armed again when it is done
    core_->tick(now(), &round_->turn);
    decided();
    pump();
  });
}

void Loop::arm_watchdog() {
  const auto interval = notify::watchdog_interval();
  if (!interval) return;
  watchdog_.expires_after(*interval);
  watchdog_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    notify::alive();
    arm_watchdog();
  });
}

/// Before anybody can know that this broker is there: what is sent to it then is heard, if only
/// when it runs.
void Loop::catch_signals() {
  boost::system::error_code error;
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) signals_.add(signal, error);
}

/// A hang-up is no wish to end: `systemctl reload` sends it, and a terminal that is closed.
void Loop::wait_for_signal() {
  signals_.async_wait([this](const boost::system::error_code& failed, int signal) {
    if (failed) return;
    if (signal != SIGHUP) return begin_stop("signal " + std::to_string(signal));
    spdlog::info("broker goes on signal=SIGHUP keys=\"are read whenever they change\"");
    wait_for_signal();
  });
}

void Loop::begin_stop(const std::string& why) {
  if (std::exchange(stopping_, true)) return;
  spdlog::info("broker stopping reason={}", in_quotes(why));
  (void)advance();
  end_if_quiet();
}

void Loop::end_if_quiet() {
  if (committing_) return;
  if (end_.is_ok() && round_->turn.must_commit()) return submit();
  if (end_.is_ok() && round_->has_words()) speak(*round_);
  round_->clear();
  if (end_.is_ok()) end_ = store_->look();
  io_.stop();
}

}  // namespace scopa::server
