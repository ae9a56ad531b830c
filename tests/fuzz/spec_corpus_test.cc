// What the fuzzer starts from, and what it once found, in every build.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "broker/spec/distributions.h"
#include "broker/spec/key_table.h"
#include "broker/spec/parse.h"
#include "tests/fuzz/spec_check.h"

namespace scopa::fuzz {
namespace {

std::vector<std::filesystem::path> corpus() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(SCOPA_FUZZ_FOLDER "/corpus/spec")) {
    files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

TEST(FuzzSpecCorpusTest, EverySweepFileKeepsTheRules) {
  for (const auto& path : corpus()) EXPECT_EQ(check_spec(read_file(path)), "") << path;
}

TEST(FuzzSpecCorpusTest, PiecesOfSweepFilesKeepTheRules) {
  for (const auto& path : corpus()) {
    const std::string text = read_file(path);
    const std::size_t step = std::max<std::size_t>(1, text.size() / 16);
    for (std::size_t cut = 0; cut < text.size(); cut += step) {
      EXPECT_EQ(check_spec(text.substr(0, cut)), "") << path << " cut at " << cut;
      std::string hole = text;
      hole.erase(cut, step / 2 + 1);
      EXPECT_EQ(check_spec(hole), "") << path << " with a hole at " << cut;
    }
  }
}

// A corpus of files that are all refused at once would fuzz nothing but the first lines.
TEST(FuzzSpecCorpusTest, HasValidAndInvalidFiles) {
  int valid = 0;
  int invalid = 0;
  for (const auto& path : corpus()) ++(spec::parse(read_file(path)).ok() ? valid : invalid);
  EXPECT_GE(valid, 20);
  EXPECT_GE(invalid, 10);
}

TEST(FuzzDictionaryTest, HasEveryKeyDistributionAndPruner) {
  const std::string dictionary = read_file(SCOPA_FUZZ_FOLDER "/spec.dict");
  const auto expect_line = [&](const std::string& word) {
    const std::string line = std::string("\"") + word + "\"\n";
    EXPECT_NE(dictionary.find(line), std::string::npos) << "add the line " << line;
  };
  for (const spec::KeyRow& row : spec::key_table()) expect_line(std::string(row.key) + ": ");
  for (const spec::DistributionRow& row : spec::distribution_table()) {
    expect_line(std::string(row.name));
  }
  for (const std::string_view type : spec::pruner_types()) expect_line(std::string(type));
}

}  // namespace
}  // namespace scopa::fuzz
