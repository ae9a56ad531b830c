#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/core/ahead.h"
#include "broker/core/core.h"
#include "broker/core/models.h"
#include "sdk/base/limits.h"

namespace scopa::core {

/// A core with a shell around it that commits at once, a clock that stands still until it is moved,
/// and a model that proposes x = 0, 1, 2 ... Records the log, so that a test can replay it.
class CoreHarness {
 public:
  static constexpr ClientId kCli{1};

  CoreHarness();

  /// Sends one message and returns the answers to that client, oldest first.
  std::vector<wire::Message> send(ClientId from, wire::Message message);
  /// As send(), for the first answer of type T: a default-made one where none came.
  template <class T>
  T ask_for(ClientId from, wire::Message message) {
    const auto answers = send(from, std::move(message));
    for (const auto& answer : answers) {
      if (const T* found = std::get_if<T>(&answer)) return *found;
    }
    return {};
  }
  wire::Error error_of(ClientId from, wire::Message message) {
    return ask_for<wire::Error>(from, std::move(message));
  }

  ClientId hello_worker(const std::string& worker, const std::string& host = "box");
  SweepId create(const std::string& yaml, const std::string& token = "token-1");
  wire::Assign ask(ClientId worker, const SweepId& sweep);
  /// Reports `values` of metric "loss" at steps 0, 1 ...; returns all answers.
  std::vector<wire::Message> report(ClientId worker, const wire::Assign& trial, std::uint64_t from,
                                    const std::vector<double>& values,
                                    const std::string& metric = "loss");
  wire::Released release(ClientId worker, const wire::Assign& trial, std::uint64_t to,
                         std::int32_t exit_code = 0, const std::string& message = "");
  wire::SweepInfo info(const SweepId& sweep);
  wire::TrialInfo trial(const SweepId& sweep, std::uint64_t number);

  void advance(std::chrono::microseconds by);
  /// Silence until every lease has run out, the grace of suspects included.
  void lose_leases();
  /// What was sent to `client` since the last look, whoever caused it.
  std::vector<wire::Message> take_inbox(ClientId client);
  /// A second core built from the log so far; nothing when the log is refused.
  std::unique_ptr<Core> replayed() const;
  /// Empty, or the first thing of a sweep that a core rebuilt from the log says otherwise.
  std::string difference_after_replay(const SweepId& sweep);
  /// The broker dies and comes again: the core is rebuilt, connections and the model are gone.
  void restart();

  std::unique_ptr<Core> core;
  Instant now = from_unix_us(1'000'000'000);
  std::vector<Event> events;
  std::vector<PointsAppended> points;
  std::vector<ModelTask> model_log;
  bool answer_model = true;
  /// Proposals come from the sampler that the spec names, instead of 0, 1, 2 ...
  bool use_sampler = false;
  /// Above 0, suggestions of the sampler are computed ahead, as by a model thread that takes so
  /// long for each.
  std::chrono::milliseconds suggestion_takes{0};
  std::map<Computed, int> computed;  ///< suggestions of the sampler
  std::uint64_t space_size = 1'000'000;

 private:
  void settle(Turn turn);
  std::optional<Suggested> perform(const ModelTask& task);

  std::deque<Outgoing> outbox_;
  std::uint64_t next_client_ = 100;
  std::uint64_t next_request_ = 1;
  std::uint64_t next_x_ = 0;
  void think_ahead();

  Models models_;
  Ahead ahead_;
};

/// The last message of type T among `messages`; null when there is none.
template <class T>
const T* only(const std::vector<wire::Message>& messages) {
  const T* found = nullptr;
  for (const auto& message : messages) {
    if (const T* each = std::get_if<T>(&message)) found = each;
  }
  return found;
}

/// An encoded block with one metric at steps `step0`, `step0` + 1 ...
std::string block_of(const std::string& metric, std::int64_t step0,
                     const std::vector<double>& values);

}  // namespace scopa::core
