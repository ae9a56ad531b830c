// Journals that somebody has scribbled over: an error or lost points, never more.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <random>

#include "sdk/journal/header_file.h"
#include "sdk/journal/journal.h"
#include "sdk/journal/trial_header.h"
#include "sdk/journal/writer.h"
#include "tests/support/temp_folder.h"

namespace scopa::journal {
namespace {

TrialHeader example() {
  TrialHeader header;
  header.sweep = "k3v9q2ha";
  header.params = {{"lr", 0.1}, {"optimizer", std::string("adam")}, {"list", Composite{"[1]"}}};
  return header;
}

class DamageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto journal = std::move(*Journal::create(folder_, example()));
    auto writer = std::move(*Writer::open(folder_));
    for (int i = 0; i < 100; ++i) {
      ASSERT_TRUE(writer->log(*writer->metric(i % 2 == 0 ? "loss" : "acc"), i, i, i));
    }
  }
  // Uses the journal from both sides. What is asked of the outcome is that there is one.
  std::uint64_t use() {
    std::uint64_t read = 0;
    if (auto journal = Journal::open(folder_)) {
      PointBlock block;
      (*journal)->read(0, 1000, false, &block);
      (*journal)->read(0, 1000, true, &block);
      read = block.size();
      for (const std::uint16_t metric : block.metric) EXPECT_LT(metric, block.metrics.size());
      (void)(*journal)->append("pipe", 1, 1, 1);
      (*journal)->set_stop(StopReason::kPruned);
      (*journal)->request_checkpoint();
      (void)(*journal)->dropped();
    }
    if (auto writer = Writer::open(folder_)) {
      for (const char* name : {"loss", "new one"}) {
        if (auto id = (*writer)->metric(name)) (void)(*writer)->log(*id, 1, 1, 1);
      }
      (void)(*writer)->stop_reason();
      (void)(*writer)->dropped();
    }
    return read;
  }
  static void write_at(const std::string& path, std::size_t offset, std::string_view bytes) {
    const int fd = ::open(path.c_str(), O_WRONLY);
    ASSERT_GE(fd, 0);
    EXPECT_EQ(::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset)),
              static_cast<ssize_t>(bytes.size()));
    ::close(fd);
  }
  std::string content() const {
    const std::string path = header_path(folder_);
    std::string bytes(std::filesystem::file_size(path), '\0');
    const int fd = ::open(path.c_str(), O_RDONLY);
    EXPECT_EQ(::read(fd, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    ::close(fd);
    return bytes;
  }

  TempFolder temp_;
  std::string folder_ = temp_ / "journal";
};

TEST_F(DamageTest, AnyByteOfTheHeaderMayBeWrong) {
  const std::string intact = content();
  std::mt19937_64 random(7);
  std::vector<std::size_t> offsets;
  const std::size_t text = offsetof(Header, names) + offsetof(Names, text);
  for (std::size_t i = 0; i < offsetof(Header, names) + 256; ++i) offsets.push_back(i);
  for (std::size_t i = text; i < text + 16; ++i) offsets.push_back(i);
  for (std::size_t i = sizeof(Header); i < intact.size(); ++i) offsets.push_back(i);
  for (int i = 0; i < 200; ++i) offsets.push_back(random() % intact.size());
  for (const std::size_t offset : offsets) {
    SCOPED_TRACE(offset);
    const char wrong = static_cast<char>(intact[offset] ^ (1 + random() % 255));
    write_at(header_path(folder_), offset, std::string_view(&wrong, 1));
    use();
    write_at(header_path(folder_), 0, intact);
  }
  EXPECT_GE(use(), 100u);
}

TEST_F(DamageTest, WhatNeverChangesIsProtectedByItsChecksum) {
  const std::string intact = content();
  for (std::size_t i = 0; i < intact.size(); i = i + 1 == sizeof(Fixed) ? sizeof(Header) : i + 1) {
    const char wrong = static_cast<char>(intact[i] ^ 0x10);
    write_at(header_path(folder_), i, std::string_view(&wrong, 1));
    const auto opened = Journal::open(folder_);
    ASSERT_FALSE(opened) << i;
    EXPECT_TRUE(opened.status().code() == Code::kCorruption ||
                opened.status().code() == Code::kUnsupported)
        << opened.status().to_string();
    write_at(header_path(folder_), i, std::string_view(&intact[i], 1));
  }
}

TEST_F(DamageTest, AJournalOfAnotherLayoutIsRefusedWithTheRemedy) {
  const std::uint32_t version = kLayoutVersion + 1;
  write_at(header_path(folder_), offsetof(Fixed, version),
           {reinterpret_cast<const char*>(&version), sizeof version});
  const auto opened = Writer::open(folder_);
  EXPECT_EQ(opened.status().code(), Code::kUnsupported);
  EXPECT_NE(opened.status().help(), "");
}

TEST_F(DamageTest, AShortHeaderIsRefusedAtEachLength) {
  const std::string intact = content();
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{1}, std::size_t{63}, std::size_t{511},
                                  sizeof(Header) - 1, sizeof(Header), intact.size() - 1}) {
    std::filesystem::resize_file(header_path(folder_), bytes);
    EXPECT_EQ(Journal::open(folder_).status().code(), Code::kCorruption) << bytes;
    EXPECT_EQ(Writer::open(folder_).status().code(), Code::kCorruption) << bytes;
    std::filesystem::resize_file(header_path(folder_), intact.size());
    write_at(header_path(folder_), 0, intact);
  }
  EXPECT_TRUE(Journal::open(folder_));
}

TEST_F(DamageTest, AShortSegmentIsAsGoodAsNone) {
  std::filesystem::resize_file(segment_path(folder_, 0), kSegmentBytes - 1);
  auto journal = std::move(*Journal::open(folder_));
  PointBlock block;
  EXPECT_EQ(journal->read(0, 1000, false, &block), 0u);
  EXPECT_EQ(journal->read(0, 1000, true, &block), 100u);
  EXPECT_EQ(block.size(), 0u);
  EXPECT_EQ(journal->append("loss", 1, 1, 1).code(), Code::kResource);
}

TEST_F(DamageTest, SegmentsFullOfNoiseGiveNoPointsAndAreCounted) {
  std::mt19937_64 random(11);
  std::string noise(kSegmentBytes, '\0');
  for (char& c : noise) c = static_cast<char>(random());
  write_at(segment_path(folder_, 0), 0, noise);
  auto journal = std::move(*Journal::open(folder_));
  PointBlock block;
  EXPECT_EQ(journal->read(0, 1000, false, &block), 100u);
  EXPECT_EQ(block.size(), 0u);
  EXPECT_EQ(journal->dropped(), 100u);
  EXPECT_EQ(journal->read(0, 1000, false, &block), 100u);
  EXPECT_EQ(journal->dropped(), 100u) << "a second reading is no second loss";
}

TEST_F(DamageTest, ARecordThatStrayedIsNoPoint) {
  auto journal = std::move(*Journal::open(folder_));
  auto segment = std::move(*MappedFile::open(segment_path(folder_, 0), kSegmentBytes));
  std::memcpy(segment.data() + 3 * sizeof(Record), segment.data() + 2 * sizeof(Record),
              sizeof(Record));
  PointBlock block;
  EXPECT_EQ(journal->read(0, 1000, false, &block), 100u);
  EXPECT_EQ(block.size(), 99u);
  EXPECT_EQ(journal->dropped(), 1u);
}

TEST_F(DamageTest, ACounterFarAheadOfThePointsEndsTheReading) {
  open_header(folder_)->header().reserved = UINT64_MAX;
  auto journal = std::move(*Journal::open(folder_));
  EXPECT_EQ(journal->reserved(), kRecordsMax);
  PointBlock block;
  EXPECT_EQ(journal->read(0, 1000, false, &block), 100u);
  EXPECT_EQ(journal->read(100, 1000, true, &block), 1100u) << "holes are records too";
  EXPECT_EQ(block.size(), 100u);
}

TEST_F(DamageTest, ACounterFarAheadOfTheSegmentsIsNotBelievedInTheEnd) {
  open_header(folder_)->header().reserved = UINT64_MAX;
  auto journal = std::move(*Journal::open(folder_));
  journal->seal();
  EXPECT_EQ(journal->reserved(), limits::kSegmentRecords);
}

TEST_F(DamageTest, LinksPipesAndFoldersAreNoJournals) {
  const std::string other = temp_ / "other";
  std::filesystem::create_directory(other);
  std::filesystem::create_symlink(header_path(folder_), header_path(other));
  EXPECT_EQ(Journal::open(other).status().code(), Code::kCorruption);
  std::filesystem::remove(header_path(other));
  ASSERT_EQ(::mkfifo(header_path(other).c_str(), 0600), 0);
  EXPECT_EQ(Journal::open(other).status().code(), Code::kCorruption);
  std::filesystem::remove(header_path(other));
  std::filesystem::create_directory(header_path(other));
  EXPECT_FALSE(Journal::open(other));
}

TEST(TrialHeaderTest, AnyPartOfAnEncodedHeaderIsRefused) {
  const std::string whole = encode_trial_header(example());
  ASSERT_TRUE(decode_trial_header(whole));
  for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
    EXPECT_EQ(decode_trial_header(std::string_view(whole).substr(0, bytes)).status().code(),
              Code::kCorruption);
  }
  EXPECT_FALSE(decode_trial_header(whole + "x"));
}

TEST(TrialHeaderTest, NoiseIsRefusedOrReadButNeverMore) {
  const std::string whole = encode_trial_header(example());
  std::mt19937_64 random(3);
  for (int i = 0; i < 20'000; ++i) {
    std::string noisy = whole;
    for (std::size_t flips = 1 + random() % 4; flips > 0; --flips) {
      noisy[random() % noisy.size()] = static_cast<char>(random());
    }
    if (auto header = decode_trial_header(noisy)) {
      EXPECT_LE(header->params.size(), whole.size());
    }
  }
}

}  // namespace
}  // namespace scopa::journal
