#include "broker/search/random.h"

namespace scopa::search {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::uint32_t low(std::uint64_t x) { return static_cast<std::uint32_t>(x); }
constexpr std::uint32_t high(std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32); }

}  // namespace

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                    std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = 0xD2511F53ULL * counter[0];
    const std::uint64_t b = 0xCD9E8D57ULL * counter[2];
    counter = {high(b) ^ counter[1] ^ key[0], low(b), high(a) ^ counter[3] ^ key[1], low(a)};
    key[0] += 0x9E3779B9U;
    key[1] += 0xBB67AE85U;
  }
  return counter;
}

Stream::Stream(std::uint64_t seed, std::uint64_t number, std::uint64_t name) : number_(number) {
  const auto derived = philox({low(name), high(name), 0x5C0BA, 0}, {low(seed), high(seed)});
  key_ = {derived[0], derived[1]};
}

std::uint64_t Stream::bits_at(std::uint64_t index) const {
  const auto block = philox({low(index), high(index), low(number_), high(number_)}, key_);
  return static_cast<std::uint64_t>(block[1]) << 32 | block[0];
}

std::uint64_t Stream::below(std::uint64_t n) {
  return static_cast<std::uint64_t>((static_cast<Wide>(bits()) * n) >> 64);
}

}  // namespace scopa::search
