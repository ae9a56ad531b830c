#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "tests/unit/broker/core/core_harness.h"

namespace scopa::core {

/// Plays a sweep as a bad day would: out of order, with lost workers, trainers that fail or log
/// NaN, points enqueued by hand and a broker that comes and goes.
class BadDay {
 public:
  BadDay(std::uint64_t seed, const std::string& yaml);
  void play(int steps);

  CoreHarness h;
  SweepId sweep;
  bool with_nan = false;

 private:
  struct Open {
    wire::Assign trial;
    std::uint64_t sent = 0;
  };

  ClientId any_worker() { return workers_[random_() % workers_.size()]; }
  void restart();
  void start();
  void report();
  void finish();

  std::mt19937_64 random_;
  std::vector<ClientId> workers_;
  std::vector<Open> open_;
};

}  // namespace scopa::core
