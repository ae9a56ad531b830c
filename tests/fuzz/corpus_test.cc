// What the fuzzers start from, and what they once found, in every build. The sweep file's corpus
// has a test of its own.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "broker/core/event.h"
#include "sdk/wire/codec.h"
#include "tests/fuzz/checks.h"
#include "tests/fuzz/dialog.h"

namespace scopa::fuzz {
namespace {

using Check = std::string (*)(std::string_view);

std::vector<std::filesystem::path> corpus(const std::string& name) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry :
       std::filesystem::directory_iterator(SCOPA_FUZZ_FOLDER "/corpus/" + name)) {
    files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string read(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

/// Each file, and each with a piece cut off or a byte changed.
void expect_held(const std::string& name, Check check, std::size_t changes) {
  const auto files = corpus(name);
  EXPECT_FALSE(files.empty());
  for (const auto& path : files) {
    const std::string bytes = read(path);
    EXPECT_EQ(check(bytes), "") << path;
    for (std::size_t i = 0; i < changes && !bytes.empty(); ++i) {
      const std::size_t at = bytes.size() * i / changes;
      EXPECT_EQ(check(bytes.substr(0, at)), "") << path << " cut at " << at;
      std::string changed = bytes;
      changed[at] = static_cast<char>(changed[at] + 1 + 97 * i);
      EXPECT_EQ(check(changed), "") << path << " changed at " << at;
    }
  }
}

TEST(FuzzCorpusTest, EveryFrameKeepsTheRules) { expect_held("wire", check_wire, 16); }
TEST(FuzzCorpusTest, EveryDialogKeepsTheRules) { expect_held("dialog", check_dialog, 4); }
TEST(FuzzCorpusTest, EveryJournalKeepsTheRules) { expect_held("journal", check_journal, 2); }
TEST(FuzzCorpusTest, EveryTrialHeaderKeepsTheRules) {
  expect_held("trial_header", check_trial_header, 64);
}
TEST(FuzzCorpusTest, EveryMetricsPipeKeepsTheRules) { expect_held("metrics", check_metrics, 8); }
TEST(FuzzCorpusTest, EveryStoreKeepsTheRules) { expect_held("store", check_store, 16); }

// A corpus that the program has outgrown fuzzes what is no more. `fuzz_seeds` writes it anew.
TEST(FuzzCorpusTest, HasEachKindOfMessage) {
  std::vector<int> seen(std::variant_size_v<wire::Message>);
  for (const auto& path : corpus("wire")) {
    if (const auto message = wire::decode(read(path))) ++seen[message->index()];
  }
  EXPECT_EQ(std::count(seen.begin(), seen.end(), 0), 0)
      << "run fuzz_seeds tests/fuzz/corpus and add what it writes";
}

TEST(FuzzCorpusTest, MostStoresAreReadable) {
  const auto files = corpus("store");
  const auto readable = std::count_if(files.begin(), files.end(),
                                      [](const auto& path) { return is_readable(read(path)); });
  EXPECT_GE(2 * static_cast<std::size_t>(readable), files.size());
}

TEST(FuzzCorpusTest, DialogsGetFarEnoughToEndTrials) {
  std::size_t ended = 0;
  std::size_t points = 0;
  for (const auto& path : corpus("dialog")) {
    Dialog dialog;
    EXPECT_EQ(dialog.play(read(path)), "") << path;
    ended += static_cast<std::size_t>(std::count_if(
        dialog.events().begin(), dialog.events().end(),
        [](const auto& event) { return std::holds_alternative<core::AttemptEnded>(event.body); }));
    points += dialog.reports().size();
  }
  EXPECT_GE(ended, 30u);
  EXPECT_GE(points, 30u);
}

}  // namespace
}  // namespace scopa::fuzz
