#include "tests/simulation/world.h"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace scopa::sim {
namespace {

constexpr std::size_t kLinesKept = 80;
/// Any moment will do; that of a real clock would make runs differ.
constexpr std::int64_t kStartUs = 1'700'000'000'000'000;

}  // namespace

World::World(std::uint64_t seed, bool keep_text)
    : seed_(seed), keep_text_(keep_text), now_(from_unix_us(kStartUs)) {}

void World::plan(Planned planned) {
  planned.order = ++planned_;
  heap_.push_back(std::move(planned));
  std::push_heap(heap_.begin(), heap_.end());
}

void World::after(microseconds delay, const std::shared_ptr<void>& guard,
                  std::function<void()> what) {
  plan({now_ + std::max(delay, microseconds(0)), 0, true, guard, std::move(what)});
}

void World::after(microseconds delay, std::function<void()> what) {
  plan({now_ + std::max(delay, microseconds(0)), 0, false, {}, std::move(what)});
}

bool World::step() {
  if (heap_.empty() || violation_) return false;
  std::pop_heap(heap_.begin(), heap_.end());
  const Planned next = std::move(heap_.back());
  heap_.pop_back();
  now_ = next.at;
  ++steps_;
  const std::shared_ptr<void> held = next.guard.lock();
  if (!next.guarded || held) next.what();
  return !violation_;
}

void World::note(std::string_view who, std::string_view what, std::string_view bytes) {
  trace_ = hash_bytes(bytes, hash_bytes(what, hash_bytes(who, trace_ ^ 0x9e3779b97f4a7c15ULL)));
  trace_ = mix(trace_ ^ static_cast<std::uint64_t>(to_unix_us(now_)));
}

void World::say(std::string_view who, const std::string& text) {
  if (!keep_text_) return;
  const std::int64_t us = to_unix_us(now_) - kStartUs;
  char time[32];
  std::snprintf(time, sizeof time, "%10.6f ", static_cast<double>(us) / 1e6);
  lines_.push_back(time + std::string(who) + ": " + text);
  if (verbose) std::fprintf(stderr, "%s\n", lines_.back().c_str());
  if (lines_.size() > kLinesKept) lines_.pop_front();
}

void World::violate(std::string invariant, std::string detail) {
  if (violation_) return;
  note("world", "violation", detail);
  say("world", "VIOLATED " + invariant + ": " + detail);
  violation_ = std::make_unique<Violation>(Violation{std::move(invariant), std::move(detail)});
}

}  // namespace scopa::sim
