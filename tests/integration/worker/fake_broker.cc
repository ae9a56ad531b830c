#include "tests/integration/worker/fake_broker.h"

#include <chrono>
#include <utility>
#include <zmq.hpp>

#include "sdk/wire/codec.h"
#include "sdk/wire/points.h"

namespace scopa::worker {

FakeBroker::FakeBroker(std::string endpoint, std::vector<wire::Assign> trials)
    : endpoint_(std::move(endpoint)), queue_(std::move(trials)) {}

FakeBroker::~FakeBroker() { stop(); }

void FakeBroker::start() {
  running_ = true;
  thread_ = std::thread([this] { serve(); });
}

void FakeBroker::stop() {
  running_ = false;
  if (thread_.joinable()) thread_.join();
}

void FakeBroker::serve() {
  zmq::context_t context;
  zmq::socket_t socket(context, zmq::socket_type::router);
  socket.set(zmq::sockopt::linger, 0);
  socket.set(zmq::sockopt::rcvtimeo, 20);
  socket.bind(endpoint_);
  known_.clear();
  while (running_) {
    zmq::message_t peer;
    zmq::message_t frame;
    if (!socket.recv(peer) || !socket.recv(frame)) continue;
    const auto message = wire::decode(frame.to_string_view());
    if (!message) continue;
    for (const wire::Message& reply : answer(peer.to_string(), *message)) {
      zmq::message_t to(peer.data(), peer.size());
      socket.send(to, zmq::send_flags::sndmore);
      socket.send(zmq::buffer(wire::encode(reply)), zmq::send_flags::none);
    }
  }
}

std::vector<wire::Message> FakeBroker::answer(const std::string& peer,
                                              const wire::Message& message) {
  const std::lock_guard lock(mutex_);
  if (std::holds_alternative<wire::Hello>(message)) {
    known_[peer] = true;
    return {wire::Welcome{1, "fake", 200, 30000, 0}};
  }
  if (!known_[peer]) {
    return {wire::Error{0, static_cast<std::int32_t>(Code::kHelloRequired), "say hello", ""}};
  }
  if (const auto* ask = std::get_if<wire::Ask>(&message)) {
    if (const auto at = by_request_.find(ask->request); at != by_request_.end()) {
      return {at->second};
    }
    if (!quarantine.empty() && next_ == queue_.size()) {
      wire::NoWork refusal{ask->request, ask->sweep, false, 0, quarantine};
      refusal.quarantined = true;
      return {refusal};
    }
    if (next_ == queue_.size()) {
      return {wire::NoWork{ask->request, ask->sweep, !patient, 50, "that was all"}};
    }
    wire::Assign assign = queue_[next_++];
    assign.request = ask->request;
    by_request_[ask->request] = assign;
    device_ = ask->device;
    trials_[assign.trial];
    return {assign};
  }
  if (const auto* report = std::get_if<wire::Report>(&message)) return apply(*report);
  if (const auto* release = std::get_if<wire::Release>(&message)) {
    FakeTrial& trial = trials_[release->trial];
    if (release->to > trial.applied) {
      return {wire::Ack{release->sweep, release->trial, release->attempt, trial.applied}};
    }
    trial.released = *release;
    const auto state = release->requeue          ? TrialState::kQueued
                       : release->exit_code == 0 ? TrialState::kCompleted
                                                 : TrialState::kFailed;
    return {wire::Released{release->sweep, release->trial, release->attempt,
                           static_cast<std::uint8_t>(state)}};
  }
  if (const auto* query = std::get_if<wire::GetSweep>(&message)) {
    wire::SweepReply reply;
    reply.request = query->request;
    if (queue_.empty() || query->sweep != "@last") {
      return {wire::Error{query->request, static_cast<std::int32_t>(Code::kNotFound),
                          "no sweep `" + query->sweep + "`", ""}};
    }
    reply.sweep.id = queue_[0].sweep;
    return {reply};
  }
  if (const auto* beat = std::get_if<wire::Heartbeat>(&message)) {
    return {wire::HeartbeatReply{beat->request}};
  }
  return {};
}

std::vector<wire::Message> FakeBroker::apply(const wire::Report& report) {
  FakeTrial& trial = trials_[report.trial];
  const auto points = wire::PointsView::parse(report.points);
  if (report.from > trial.applied) ++trial.refused_gaps;
  if (report.from == trial.applied && points) {
    for (std::size_t i = 0; i < points->size(); ++i) {
      trial.values.push_back(points->value(i));
      trial.steps.push_back(points->step(i));
    }
    trial.applied = report.to;
  }
  std::vector<wire::Message> replies = {
      wire::Ack{report.sweep, report.trial, report.attempt, trial.applied}};
  const StopReason reason = judge ? judge(report.trial, trial) : StopReason::kNone;
  if (reason != StopReason::kNone) {
    replies.push_back(wire::Stop{report.sweep, report.trial, report.attempt,
                                 static_cast<std::uint8_t>(reason), "the test says so"});
  }
  return replies;
}

std::string FakeBroker::device() const {
  const std::lock_guard lock(mutex_);
  return device_;
}

std::map<std::uint64_t, FakeTrial> FakeBroker::trials() const {
  const std::lock_guard lock(mutex_);
  return trials_;
}

bool FakeBroker::wait_until(
    const std::function<bool(const std::map<std::uint64_t, FakeTrial>&)>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (std::chrono::steady_clock::now() < deadline) {
    if (condition(trials())) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return false;
}

}  // namespace scopa::worker
