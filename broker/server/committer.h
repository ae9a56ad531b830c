#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "broker/server/round.h"
#include "broker/store/store.h"

namespace scopa::server {

/// The thread that writes rounds, one at a time, while the loop decides the next one; and that does
/// what else keeps waiting for the disk.
class Committer {
 public:
  /// `done` is called in the committer's thread with the round that was handed over.
  using Done = std::function<void(std::unique_ptr<Round>, Status)>;

  Committer(store::Store& store, Done done);
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;
  /// Finishes what is under way.
  ~Committer();

  /// Only when what came before is done; so perform().
  void submit(std::unique_ptr<Round> round);
  void perform(std::function<void()> job);

 private:
  void run();

  store::Store& store_;
  const Done done_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::function<void()> job_;  // guarded by mutex_
  bool stopping_ = false;      // guarded by mutex_
  std::thread thread_;         // last: it uses the others
};

}  // namespace scopa::server
