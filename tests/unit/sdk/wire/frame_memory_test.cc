// How much memory a frame can make the reader ask for, whatever it holds.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <new>
#include <string>

#include "sdk/base/limits.h"
#include "sdk/wire/codec.h"
#include "sdk/wire/points.h"

namespace {

bool counting = false;
std::size_t asked = 0;    // in all, whether given back or not
std::size_t largest = 0;  // at once

void count(std::size_t bytes) {
  if (!counting) return;
  asked += bytes;
  largest = std::max(largest, bytes);
}

}  // namespace

// msgpack takes its memory with malloc, the rest with new; the linker sends both here.
extern "C" {
void* __real_malloc(std::size_t bytes);
void* __real_realloc(void* old, std::size_t bytes);
void* __real_calloc(std::size_t count, std::size_t bytes);
void* __wrap_malloc(std::size_t bytes) {
  count(bytes);
  return __real_malloc(bytes);
}
void* __wrap_realloc(void* old, std::size_t bytes) {
  count(bytes);
  return __real_realloc(old, bytes);
}
void* __wrap_calloc(std::size_t n, std::size_t bytes) {
  count(n * bytes);
  return __real_calloc(n, bytes);
}
}

// Inlined, GCC takes them for a mismatched pair.
[[gnu::noinline]] void* operator new(std::size_t bytes) {
  count(bytes);
  void* memory = __real_malloc(bytes == 0 ? 1 : bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace scopa::wire {
namespace {

struct Use {
  bool read = false;
  std::size_t asked = 0, largest = 0;
};

Use use_of(const std::string& frame) {
  asked = largest = 0;
  counting = true;
  const bool read = decode(frame).is_ok();
  const bool points = PointsView::parse(frame).is_ok();
  counting = false;
  return {read || points, asked, largest};
}

// A thread keeps a first chunk for all frames, and an error has a text.
constexpr std::size_t kFixed = 64 << 10;

std::string announce(char head, int length_bytes = 4) {
  return std::string(1, head) + std::string(static_cast<std::size_t>(length_bytes), '\xff');
}

TEST(FrameMemoryTest, TheCounterCounts) {
  counting = true;
  asked = 0;
  void* volatile memory = std::malloc(1000);
  std::free(memory);
  const std::string text(1000, 'x');
  counting = false;
  EXPECT_GE(asked, 1000 + text.size());
}

TEST(FrameMemoryTest, FiveBytesThatAnnounceFourBillionOfAnythingGetNothing) {
  for (const char head : {'\xdd', '\xdf', '\xdb', '\xc6', '\xc9'}) {  // array, map, str, bin, ext
    const Use use = use_of(announce(head));
    EXPECT_FALSE(use.read);
    EXPECT_LT(use.asked, kFixed) << static_cast<int>(head);
  }
  for (const char head : {'\xdc', '\xde', '\xda', '\xc5', '\xc8'}) {  // of 16 bits
    EXPECT_LT(use_of(announce(head, 2)).asked, kFixed) << static_cast<int>(head);
  }
}

TEST(FrameMemoryTest, AnnouncementsInsideOfFieldsGetNothing) {
  const std::string field = "\x82\xa4type\xa9heartbeat\xa7running";
  for (const char head : {'\xdd', '\xdf', '\xdb', '\xc6', '\xc9'}) {
    EXPECT_LT(use_of(field + announce(head)).asked, kFixed) << static_cast<int>(head);
    std::string nested = field;
    for (int depth = 0; depth < 20; ++depth) nested += announce(head);
    EXPECT_LT(use_of(nested).asked, kFixed) << static_cast<int>(head);
  }
}

// Each announces as many elements as the frame could just hold, inside of the one before it.
TEST(FrameMemoryTest, NestedAnnouncementsGetOneFrameForEachLevel) {
  std::string frame = "\x81\xa4type";
  for (std::size_t depth = 0; depth < limits::kMessageDepthMax; ++depth) {
    frame += std::string("\xdd\x00\x01\x80\x00", 5);  // 98,304
  }
  frame.resize(100'000, '\xc0');
  const Use use = use_of(frame);
  EXPECT_FALSE(use.read);
  EXPECT_LT(use.asked, 1000 * frame.size());
  EXPECT_LT(use.largest, 100 * frame.size());
}

std::string list_of(std::size_t count) {
  std::string head = "\xdd";
  for (int shift = 24; shift >= 0; shift -= 8) head += static_cast<char>(count >> shift);
  return head;
}

const std::string kTrials = "\x82\xa4type\xa6trials\xa6trials";

/// "trials" with so many empty maps, each a trial of defaults.
std::string empty_trials(std::size_t count) {
  return kTrials + list_of(count) + std::string(count, '\x80');
}

TEST(FrameMemoryTest, AListOfEmptyItemsIsReadUpToItsBound) {
  EXPECT_TRUE(use_of(empty_trials(limits::kPageTrialsMax)).read);
  const std::string most = empty_trials(limits::kArrayItemsMax);
  EXPECT_LT(use_of(most).asked, 40 * limits::kFrameBytesMax);
}

TEST(FrameMemoryTest, ListsWithinListsShareOneBound) {
  constexpr std::size_t kAttempts = 100'000;
  std::string frame = kTrials + list_of(40);
  for (int trial = 0; trial < 40; ++trial) {
    frame +=
        "\x81\xa8"
        "attempts" +
        list_of(kAttempts) + std::string(kAttempts, '\x80');
  }
  ASSERT_LT(frame.size(), limits::kFrameBytesMax);
  const Use use = use_of(frame);
  EXPECT_FALSE(use.read);
  // What msgpack makes of each byte, and the lists.
  EXPECT_LT(use.asked, 100 * limits::kFrameBytesMax);
  EXPECT_LT(use.largest, 64 * limits::kFrameBytesMax);
}

}  // namespace
}  // namespace scopa::wire
