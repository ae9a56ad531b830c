// After a sweep file was edited, or points were removed, the sweep is read anew. Until then nothing
// is decided: what had been would rest on curves that are not so any more.
#include <boost/asio/post.hpp>
#include <memory>
#include <utility>
#include <vector>

#include "broker/server/loop.h"
#include "broker/server/stored_log.h"

namespace scopa::server {

/// `round` is stored and has edits; nobody has heard of it yet.
void Loop::reread(std::unique_ptr<Round> round) {
  committing_ = true;
  std::shared_ptr<Round> shared = std::move(round);
  committer_->perform([this, shared] {
    auto logs = std::make_shared<std::vector<Result<StoredLog>>>();
    for (const SweepId& sweep : shared->turn.reread) {
      logs->push_back(read_stored_log(*store_, sweep));
    }
    boost::asio::post(io_, [this, shared, logs] {
      committing_ = false;
      reread_done(*logs, std::make_unique<Round>(std::move(*shared)));
    });
  });
}

void Loop::reread_done(const std::vector<Result<StoredLog>>& logs, std::unique_ptr<Round> round) {
  rereads_ = false;
  Status status;
  for (const Result<StoredLog>& log : logs) {
    status = log ? core_->reread(log->sweep, log->events, log->points, now(), &round_->turn)
                 : log.status();
    if (!status) break;
  }
  if (!status) {
    fail(*round, status);
    return stopping_ ? end_if_quiet() : pump();
  }
  decided();
  decide_late();
  finish(std::move(round));
}

/// Now, or when the sweeps that are to be read again have been, or could not be.
void Loop::when_reread(std::function<void()> decide) {
  if (rereads_) return late_.push_back(std::move(decide));
  decide();
}

void Loop::decide_late() {
  for (auto& each : std::exchange(late_, {})) when_reread(std::move(each));
}

}  // namespace scopa::server
