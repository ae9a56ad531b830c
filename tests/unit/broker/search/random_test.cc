#include "broker/search/random.h"

#include <gtest/gtest.h>

#include <set>

namespace scopa::search {
namespace {

using Block = std::array<std::uint32_t, 4>;

// The known answers published with the Random123 library.
TEST(PhiloxTest, KnownAnswers) {
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  const std::uint32_t ones = 0xffffffff;
  EXPECT_EQ(philox({ones, ones, ones, ones}, {ones, ones}),
            (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(StreamTest, PositionDecidesNotWhatWasDrawnBefore) {
  Stream a(7, 3, hash_name("lr"));
  Stream b(7, 3, hash_name("lr"));
  for (int i = 0; i < 5; ++i) a.bits();
  EXPECT_EQ(a.bits(), b.bits_at(5));
  EXPECT_EQ(a.unit(), b.unit_at(6));
}

TEST(StreamTest, SeedNumberAndNameAllMatter) {
  std::set<std::uint64_t> seen;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    for (std::uint64_t number = 0; number < 10; ++number) {
      for (const char* name : {"lr", "momentum", "units", ""}) {
        seen.insert(Stream(seed, number, hash_name(name)).bits_at(0));
      }
    }
  }
  EXPECT_EQ(seen.size(), 400U);
}

TEST(StreamTest, UnitIsInsideTheOpenIntervalAndEven) {
  Stream stream(1, 2, 3);
  std::array<int, 10> bins{};
  double sum = 0;
  for (int i = 0; i < 100'000; ++i) {
    const double u = stream.unit();
    ASSERT_GT(u, 0);
    ASSERT_LT(u, 1);
    sum += u;
    ++bins[static_cast<std::size_t>(u * 10)];
  }
  EXPECT_NEAR(sum / 100'000, 0.5, 0.004);
  for (const int count : bins) EXPECT_NEAR(count, 10'000, 500);
}

TEST(StreamTest, BelowReachesAllAndNoMore) {
  Stream stream(1, 2, 3);
  std::array<int, 7> bins{};
  for (int i = 0; i < 7000; ++i) ++bins.at(stream.below(7));
  for (const int count : bins) EXPECT_NEAR(count, 1000, 150);
  EXPECT_EQ(stream.below(1), 0U);
}

// A change of these would make every recorded sweep replay differently.
TEST(StreamTest, IsFrozen) {
  const Stream stream(42, 17, hash_name("lr"));
  EXPECT_EQ(stream.bits_at(0), 6964338843445051657ULL);
  EXPECT_EQ(stream.bits_at(1), 3306428889613376535ULL);
}

}  // namespace
}  // namespace scopa::search
