#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "sdk/wire/messages.h"
#include "tests/simulation/network.h"
#include "tests/simulation/world.h"

namespace scopa::sim {

/// A person with a command line: creates a sweep, changes it, looks at it, one request at a time,
/// each repeated until it is answered.
class Client : public std::enable_shared_from_this<Client> {
 public:
  Client(World* world, Network* network, int host, int number, std::string spec);

  void start();
  /// Called once, when the sweep is there.
  std::function<void(const SweepId&)> on_created;
  /// No more meddling: sees to it that the sweep comes to an end.
  void be_diligent() {
    diligent_ = true;
    seen_.reset();
  }
  /// Whether the broker has said lately that the sweep has ended.
  bool is_done() const { return done_; }
  /// How often it changes something; 0: only looks.
  double meddles = 0.5;

 private:
  void next_in(microseconds pause);
  void next();
  wire::Message draw_request();
  wire::Message look_after(const wire::SweepInfo& info);
  wire::Message get_sweep() const;
  wire::Message control(wire::Action action) const;
  wire::Message create() const;
  wire::Message retry();
  wire::Message remove();
  wire::Message edit();
  void send();
  void repeat_later();
  void receive(const std::string& frame);
  void answered(const wire::Message& message);

  World* world_;
  Network* network_;
  const int host_;
  const std::string name_;
  const std::string spec_;
  Random random_;
  Random retries_;
  Random removals_;
  std::unique_ptr<Dealer> dealer_;
  std::uint64_t requests_ = 0;
  std::uint64_t tokens_ = 0;
  std::optional<wire::Message> open_;    // not answered yet
  std::optional<wire::Message> again_;   // to be sent once more, though it was answered
  std::optional<wire::SweepInfo> seen_;  // the latest
  SweepId sweep_;
  bool diligent_ = false;
  bool done_ = false;
};

}  // namespace scopa::sim
