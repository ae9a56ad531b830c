#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "broker/server/round.h"
#include "broker/store/store.h"

namespace scopa::server {

/// The thread that writes rounds, one at a time, while the loop decides the next one.
class Committer {
 public:
  /// `done` is called in the committer's thread with the round that was handed over.
  using Done = std::function<void(std::unique_ptr<Round>, Status)>;

  Committer(store::Store& store, Done done);
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;
  /// Finishes the commit under way.
  ~Committer();

  /// Only when the one before is done.
  void submit(std::unique_ptr<Round> round);

 private:
  void run();

  store::Store& store_;
  const Done done_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::unique_ptr<Round> round_;  // guarded by mutex_
  bool stopping_ = false;         // guarded by mutex_
  std::thread thread_;            // last: it uses the others
};

}  // namespace scopa::server
