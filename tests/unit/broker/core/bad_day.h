#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include "tests/unit/broker/core/core_harness.h"

namespace scopa::core {

/// Plays a sweep as a bad day would: out of order, with workers that fall silent and come back,
/// sooner or later, or whose trials others adopt, trainers that fail or log NaN, machines that are
/// taken away, checkpoints from which the next attempt goes on or not, and a broker that comes and
/// goes.
class BadDay {
 public:
  BadDay(std::uint64_t seed, const std::string& yaml);
  void play(int steps);

  CoreHarness h;
  SweepId sweep;
  bool with_nan = false;
  bool with_restarts = true;  ///< of the broker
  bool with_silence = true;   ///< of workers

 private:
  struct Open {
    wire::Assign trial;
    std::size_t worker = 0;
    std::uint64_t sent = 0;
    std::int64_t resumed = -1;
  };

  std::size_t any_worker() { return random_() % workers_.size(); }
  bool dice(std::uint64_t sides) { return random_() % sides == 0; }
  void restart();
  void start();
  void report();
  void finish();
  void adopt();
  void save();
  void forget(std::size_t index);

  std::mt19937_64 random_;
  std::vector<ClientId> workers_;
  std::vector<Open> open_;
};

/// Those of one kind, to be counted or altered.
template <class Body>
std::vector<Body*> bodies(std::vector<Event>* events) {
  std::vector<Body*> found;
  for (Event& event : *events) {
    if (auto* body = std::get_if<Body>(&event.body)) found.push_back(body);
  }
  return found;
}

}  // namespace scopa::core
