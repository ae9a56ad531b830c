#include "tests/simulation/broker_machine.h"

#include <utility>

#include "broker/store/log_store.h"
#include "broker/store/verify.h"
#include "tests/simulation/broker_process.h"

namespace scopa::sim {

BrokerMachine::BrokerMachine(World* world, Network* network, Auditor* auditor,
                             BrokerOptions options)
    : world_(world),
      network_(network),
      auditor_(auditor),
      options_(options),
      random_(world->random("broker")),
      disk_(std::make_shared<store::MemoryDisk>(random_.next())) {}

BrokerMachine::~BrokerMachine() = default;

Instant BrokerMachine::wall() const { return world_->now() + wall_offset_; }

void BrokerMachine::start() {
  if (process_) return;
  if (starts_++ > 0 && random_.chance(options_.clock_jump)) {
    wall_offset_ += random_.time(-minutes(90), minutes(90));
    world_->injected("broker clock jump");
  }
  const auto process = process_ = std::make_shared<Process>(this);
  process->open();
}

void BrokerMachine::kill(bool power) {
  if (!process_) return;
  power = power && options_.loses_power;
  world_->injected(power ? "broker power loss" : "broker killed");
  died(power);
}

void BrokerMachine::died(bool power) {
  world_->note("broker", "died");
  world_->say("broker", power ? "lost power" : "died");
  process_.reset();
  network_->broker_died();
  if (power) {
    disk_->lose_power();
    power_went_ = true;
  } else {
    disk_->kill();
  }
  const microseconds down = random_.chance(0.5) ? random_.time(milliseconds(20), seconds(2))
                                                : random_.time(seconds(2), options_.down_max);
  world_->after(down, [this] { start(); });
}

void BrokerMachine::be_kind() {
  options_.crash_in_commit = options_.clock_jump = 0;
  options_.down_max = seconds(3);
  disk_->set_fault(store::MemoryDisk::Fault::kNone);
}

void BrokerMachine::check_rebuilt() {
  if (process_) process_->check_rebuilt();
}

std::unique_ptr<store::Store> BrokerMachine::open_to_read() const {
  auto engine = store::MemoryEngine::open(disk_, true);
  if (engine) {
    auto opened = store::LogStore::open(std::move(*engine), options_.durability, 0);
    if (opened) return std::move(*opened);
  }
  world_->violate("store-readable", "the store cannot be opened to be read");
  return nullptr;
}

void BrokerMachine::verify_store() const {
  const auto engine = store::MemoryEngine::open(disk_, true);
  if (!engine) return world_->violate("store-readable", engine.status().to_string());
  const auto found = store::verify(**engine);
  if (!found) return world_->violate("store-readable", found.status().to_string());
  if (!found->is_sound()) world_->violate("store-sound", found->problems.front().text);
}

bool BrokerMachine::look(const std::function<void(core::Core&)>& look) {
  return process_ && process_->look(look);
}

}  // namespace scopa::sim
