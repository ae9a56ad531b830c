#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace scopa::search {

/// Philox4x32-10 of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3"
/// (SC 2011): 128 random bits for a counter and a key, without state.
std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                    std::array<std::uint32_t, 2> key);

/// FNV-1a, 64 bits.
constexpr std::uint64_t hash_name(std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : name) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  }
  return hash;
}

/// The random numbers of one purpose (`name`: a parameter or a step of an algorithm) of suggestion
/// `number` of a sweep. There is no state to carry over: the same seed, number and name give the
/// same sequence, bit for bit, on every machine. Copying is cheap. Not thread-safe.
///
///     Stream stream(seed, number, hash_name("lr"));
///     const double u = stream.unit();       // the next one
///     const double v = stream.unit_at(17);  // the 18th, whatever was drawn before
class Stream {
 public:
  Stream(std::uint64_t seed, std::uint64_t number, std::uint64_t name);

  /// The bits at position `index`.
  std::uint64_t bits_at(std::uint64_t index) const;
  /// Uniform in the open interval (0, 1): a multiple of 2^-52 plus 2^-53.
  double unit_at(std::uint64_t index) const { return to_unit(bits_at(index)); }

  /// Of this seed and name, for people who check.
  std::uint64_t key() const { return static_cast<std::uint64_t>(key_[1]) << 32 | key_[0]; }

  std::uint64_t bits() { return bits_at(next_++); }
  double unit() { return to_unit(bits()); }
  /// Uniform in [0, n), n >= 1; unbiased up to n / 2^64.
  std::uint64_t below(std::uint64_t n);

 private:
  static double to_unit(std::uint64_t bits) {
    return (static_cast<double>(bits >> 12) + 0.5) * 0x1p-52;
  }

  std::array<std::uint32_t, 2> key_;
  std::uint64_t number_;
  std::uint64_t next_ = 0;
};

}  // namespace scopa::search
