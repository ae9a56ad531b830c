#include "tests/integration/support/ledger.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "tests/integration/support/process.h"

namespace scopa::test {
namespace {

/// Entries of which only the name has been read.
std::vector<LedgerEntry> list_ledger(const std::string& folder) {
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
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace

std::vector<LedgerEntry> read_ledger(const std::string& folder) {
  std::vector<LedgerEntry> entries = list_ledger(folder);
  for (LedgerEntry& entry : entries) {
    std::ifstream lines(folder + "/" + std::to_string(entry.trial) + "-" +
                        std::to_string(entry.attempt) + "-" + std::to_string(entry.pid));
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
  }
  return entries;
}

std::vector<pid_t> living_trainers(const std::string& folder) {
  std::vector<pid_t> living;
  for (const LedgerEntry& entry : list_ledger(folder)) {
    const std::string variables = read_file("/proc/" + std::to_string(entry.pid) + "/environ");
    if (variables.find("SCOPA_TEST_LEDGER=" + folder) != std::string::npos) {
      living.push_back(entry.pid);
    }
  }
  std::sort(living.begin(), living.end());
  return living;
}

}  // namespace scopa::test
