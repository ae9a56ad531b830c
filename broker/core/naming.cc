#include "broker/core/naming.h"

#include <array>

namespace scopa::core {
namespace {

// The finaliser of MurmurHash3: every input bit reaches every output bit.
constexpr std::uint64_t mix(std::uint64_t x) {
  x ^= x >> 33;
  x *= 0xff51afd7ed558ccdULL;
  x ^= x >> 33;
  x *= 0xc4ceb9fe1a85ec53ULL;
  return x ^ (x >> 33);
}

constexpr std::array<std::string_view, 32> kAnimals = {
    "ant",  "bat",  "bear", "bee",  "crab",  "crow", "deer", "dove", "duck", "eel",  "elk",
    "fox",  "frog", "goat", "gull", "hare",  "hawk", "ibis", "jay",  "kite", "lark", "lynx",
    "mole", "moth", "newt", "orca", "otter", "owl",  "seal", "swan", "toad", "wolf"};

}  // namespace

std::uint64_t hash_text(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return mix(hash);
}

SweepId make_sweep_id(std::string_view token, std::uint64_t probe) {
  constexpr std::string_view kDigits = "0123456789abcdefghjkmnpqrstvwxyz";
  constexpr std::size_t kLength = 8;
  std::uint64_t bits = mix(hash_text(token) + probe * 0x9e3779b97f4a7c15ULL);
  SweepId id;
  for (std::size_t i = 0; i < kLength; ++i, bits >>= 5) id += kDigits[bits & 31];
  return id;
}

std::string make_sweep_name(std::string_view token, std::uint64_t number) {
  const std::string_view animal = kAnimals[hash_text(token) % kAnimals.size()];
  return std::string(animal) + "-" + std::to_string(number);
}

std::uint64_t trial_seed(std::uint64_t sweep_seed, std::uint64_t trial) {
  // 63 bits: trainers in other languages read it into signed integers.
  return mix(sweep_seed ^ mix(trial + 0x9e3779b97f4a7c15ULL)) >> 1;
}

}  // namespace scopa::core
