// Stands in for a worker: `make FOLDER` makes the journal of a trial, `stop FOLDER` sets its stop
// flag, `read FOLDER` prints its points.
#include <cstdio>
#include <string>

#include "sdk/journal/journal.h"

namespace {

using scopa::journal::Journal;

int fail(const scopa::Status& status) {
  std::fprintf(stderr, "%s\n", status.to_string().c_str());
  return 1;
}

int make(const std::string& folder) {
  scopa::journal::TrialHeader header;
  header.sweep = "k3v9q2ha";
  header.trial = 17;
  header.attempt = 1;
  header.metric = "loss";
  header.params = {{"lr", 0.25}, {"optimizer", std::string("adam")}};
  auto journal = Journal::create(folder, header);
  return journal ? 0 : fail(journal.status());
}

int read(Journal& journal) {
  scopa::PointBlock block;
  journal.read(0, 1000, true, &block);
  for (std::size_t i = 0; i < block.size(); ++i) {
    std::printf("%s %d %g|", block.metrics[block.metric[i]].c_str(),
                static_cast<int>(block.step[i]), block.value[i]);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::string what = argv[1];
  if (what == "make") return make(argv[2]);
  auto journal = Journal::open(argv[2]);
  if (!journal) return fail(journal.status());
  if (what == "stop") (*journal)->set_stop(scopa::StopReason::kPruned);
  return what == "read" ? read(**journal) : 0;
}
