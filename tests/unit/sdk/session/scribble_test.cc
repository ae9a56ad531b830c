// A trainer that writes over its own journal, at random places and moments: after its end there is
// a release, whatever is in there.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <random>
#include <variant>

#include "sdk/journal/layout.h"
#include "sdk/journal/writer.h"
#include "sdk/session/attempt_stream.h"
#include "sdk/session/journal_source.h"
#include "sdk/wire/points.h"
#include "tests/support/temp_folder.h"

namespace scopa::session {
namespace {

using namespace std::chrono_literals;

class Scribbler {
 public:
  explicit Scribbler(std::uint64_t seed) : random_(seed) {
    journal::TrialHeader header;
    header.sweep = "k3v9q2ha";
    header.checkpoint = "/nowhere/checkpoint";
    journal_ = std::move(*journal::Journal::create(folder_, header));
    writer_ = std::move(*journal::Writer::open(folder_));
    loss_ = *writer_->metric("loss");
    source_.emplace(journal_.get());
    stream_.attach(&*source_);
  }

  /// Until the release, or too many turns.
  bool comes_to_an_end() {
    for (int turn = 0; turn < 40; ++turn) {
      train();
      scribble(random_() % 100);
      pump();
    }
    source_->set_writers_gone();
    stream_.end({}, false);
    for (int turn = 0; turn < 2000 && !released_; ++turn) pump();
    return released_;
  }

 private:
  void train() {
    for (int i = 0; i < 20; ++i) (void)writer_->log(loss_, step_++, 1, 1);
    if (random_() % 4 == 0) writer_->note_checkpoint(step_);
  }
  void scribble(std::uint64_t words) {
    for (const char* file : {"/segment-00000", "/header", "/extra"}) {
      const int fd = ::open((folder_ + file).c_str(), O_RDWR | O_CLOEXEC);
      ASSERT_GE(fd, 0);
      for (std::uint64_t i = 0; i < words; ++i) {
        const auto word = static_cast<std::uint32_t>(random_());
        const std::uint64_t end = i % 2 == 0 ? 600 : 200'000;
        ASSERT_EQ(::pwrite(fd, &word, sizeof word, static_cast<off_t>(random_() % end)), 4);
      }
      ::close(fd);
    }
  }
  // The broker's side: it takes what is in order, and answers everything.
  void pump() {
    now_ += 200ms;
    std::vector<wire::Message> out;
    stream_.pump(now_, limits::kFrameBytesMax, &out);
    for (const wire::Message& message : out) {
      if (const auto* report = std::get_if<wire::Report>(&message)) {
        ASSERT_LE(report->to - report->from, limits::kReportPointsMax);
        ASSERT_TRUE(wire::PointsView::parse(report->points));
        if (report->from == applied_) applied_ = report->to;
        stream_.ack(applied_, now_);
      } else if (const auto* saved = std::get_if<wire::Checkpoint>(&message)) {
        stream_.checkpoint_kept(saved->step);
      } else if (std::holds_alternative<wire::Release>(message)) {
        released_ = true;
      }
    }
  }

  std::mt19937_64 random_;
  TempFolder temp_;
  std::string folder_ = temp_ / "journal";
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<journal::Writer> writer_;
  std::uint32_t loss_ = 0;
  std::optional<JournalSource> source_;
  AttemptStream stream_{{"k3v9q2ha", 0, 1}};
  Instant now_ = from_unix_us(0);
  std::int64_t step_ = 0;
  std::uint64_t applied_ = 0;
  bool released_ = false;
};

TEST(ScribbleTest, AfterTheEndOfATrainerThatWroteOverItsJournalComesItsRelease) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    EXPECT_TRUE(Scribbler(seed).comes_to_an_end()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace scopa::session
