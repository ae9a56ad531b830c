#include "tests/integration/support/ledger.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace scopa::test {

std::vector<LedgerEntry> read_ledger(const std::string& folder) {
  std::vector<LedgerEntry> entries;
  std::error_code error;
  for (const auto& file : std::filesystem::directory_iterator(folder, error)) {
    LedgerEntry entry;
    unsigned long long trial = 0;
    if (std::sscanf(file.path().filename().c_str(), "%llu-%u-%d", &trial, &entry.attempt,
                    &entry.pid) != 3) {
      continue;
    }
    entry.trial = trial;
    std::ifstream lines(file.path());
    std::string word;
    std::int64_t step = 0;
    while (lines >> word) {
      if (word == "first" && lines >> step) entry.first = entry.next = step;
      if (word == "step" && lines >> step) entry.next = step + 1;
      if (word == "checkpoint" && lines >> step) entry.checkpoint = step;
      if (word == "stopped") entry.was_stopped = true;
      if (word == "end") entry.ended = true;
      if (word == "complaint") std::getline(lines, entry.complaint);
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace scopa::test
