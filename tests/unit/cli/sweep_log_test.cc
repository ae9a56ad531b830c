#include "cli/sweep_log.h"

#include <gtest/gtest.h>

#include <deque>

#include "broker/store/keys.h"

namespace scopa::cli {
namespace {

const SweepId kSweep = "k3v9q2ha";

/// A broker that answers with these pages, and then with the last one for ever.
class Pages : public Link {
 public:
  explicit Pages(std::deque<wire::LogReply> pages) : pages_(std::move(pages)) {}
  Result<wire::Message> request(wire::Message message, std::chrono::milliseconds) override {
    cursors.push_back(std::get<wire::GetLog>(message).cursor);
    wire::LogReply page = pages_.front();
    if (pages_.size() > 1) pages_.pop_front();
    return wire::Message(std::move(page));
  }
  const std::string& place() const override { return place_; }
  bool is_broker() const override { return true; }

  std::vector<std::string> cursors;

 private:
  std::deque<wire::LogReply> pages_;
  std::string place_ = "nowhere";
};

wire::LogReply page_of(const std::vector<std::uint64_t>& seqs, const std::string& cursor) {
  wire::LogReply page;
  page.sweep = kSweep;
  page.cursor = cursor;
  for (const std::uint64_t seq : seqs) {
    page.keys.emplace_back();
    store::event_key(kSweep, seq, &page.keys.back());
    page.values.push_back(core::encode_event({seq, 1, kSweep, core::Noticed{"look"}}));
  }
  return page;
}

wire::LogReply report_of(std::uint64_t from) {
  wire::LogReply page;
  page.sweep = kSweep;
  page.keys.emplace_back();
  store::series_key({kSweep, 0, 1}, from, &page.keys.back());
  page.values.emplace_back(16, '\0');
  return page;
}

Status fetch(Pages& pages, std::size_t* taken) {
  *taken = 0;
  return fetch_log(pages, kSweep,
                   [&](store::LogItem) {
                     ++*taken;
                     return Status::ok();
                   },
                   {});
}

TEST(SweepLogTest, GoesFromPageToPageWithTheCursorOfTheOneBefore) {
  auto second = report_of(3);
  Pages pages({page_of({1, 4}, "a"), page_of({}, "b"), second});
  std::size_t taken = 0;
  const Status status = fetch(pages, &taken);
  EXPECT_TRUE(status.is_ok()) << status.to_string();
  EXPECT_EQ(taken, 3u);
  EXPECT_EQ(pages.cursors, (std::vector<std::string>{"", "a", "b"}));
}

TEST(SweepLogTest, WhatIsNoLogIsAnErrorNeverAFaultNorEndless) {
  std::size_t taken = 0;
  const auto code = [&](std::deque<wire::LogReply> answers) {
    Pages pages(std::move(answers));
    return fetch(pages, &taken).code();
  };
  EXPECT_EQ(code({page_of({1, 4}, "for ever")}), Code::kCorruption) << "the same page again";
  EXPECT_EQ(code({page_of({}, "for ever")}), Code::kCorruption) << "nothing, again and again";
  EXPECT_EQ(code({page_of({4, 1}, "")}), Code::kCorruption) << "out of order";
  EXPECT_EQ(code({report_of(3), report_of(2)}), Code::kOk) << "the first one was the last";
  auto page = report_of(3);
  page.cursor = "more";
  EXPECT_EQ(code({page, page_of({1}, "")}), Code::kCorruption) << "an event after a report";
  page = page_of({1}, "");
  page.values.clear();
  EXPECT_EQ(code({page}), Code::kCorruption) << "a key without a value";
  page = page_of({1}, "");
  page.sweep = "somebody";
  EXPECT_EQ(code({page}), Code::kCorruption) << "of another sweep";
  page = page_of({1}, "");
  page.values[0] = "nonsense";
  EXPECT_EQ(code({page}), Code::kCorruption) << "no event";
}

}  // namespace
}  // namespace scopa::cli
