#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/base/time.h"
#include "tests/simulation/random.h"

namespace scopa::sim {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

struct Violation {
  std::string invariant;  ///< in one word
  std::string detail;
};

/// Virtual time, the queue of what will happen, and the record of what did. One thread; nothing in
/// it looks at a real clock.
class World {
 public:
  /// `keep_text`: also remembers lines for people; the hash is the same either way.
  World(std::uint64_t seed, bool keep_text);

  std::uint64_t seed() const { return seed_; }
  Instant now() const { return now_; }
  Random random(std::string_view purpose) const { return Random(seed_, purpose); }

  /// Calls `what` after `delay`, unless `guard` has gone by then: a process that has died does
  /// nothing any more.
  void after(microseconds delay, const std::shared_ptr<void>& guard, std::function<void()> what);
  void after(microseconds delay, std::function<void()> what);
  /// Does the next thing that is due; false when there is none or a violation was found.
  bool step();

  /// Into the trace: `who` did `what`, about `bytes`.
  void note(std::string_view who, std::string_view what, std::string_view bytes = {});
  bool keeps_text() const { return keep_text_; }
  /// For lines whose text is costly to make: only when keeps_text().
  void say(std::string_view who, const std::string& text);
  /// The first one counts; the world stands still then.
  void violate(std::string invariant, std::string detail);
  void injected(const std::string& fault) { ++faults_[fault]; }

  const std::unique_ptr<Violation>& violation() const { return violation_; }
  std::uint64_t trace_hash() const { return trace_; }
  std::uint64_t steps() const { return steps_; }
  const std::map<std::string, std::uint64_t>& faults() const { return faults_; }
  const std::deque<std::string>& lines() const { return lines_; }

  /// All of them to stderr as they come.
  bool verbose = false;

 private:
  struct Planned {
    Instant at;
    std::uint64_t order = 0;
    bool guarded = false;
    std::weak_ptr<void> guard;
    std::function<void()> what;
    bool operator<(const Planned& other) const {  // the earliest on top of a heap
      return at != other.at ? at > other.at : order > other.order;
    }
  };
  void plan(Planned planned);

  const std::uint64_t seed_;
  const bool keep_text_;
  Instant now_;
  std::vector<Planned> heap_;
  std::uint64_t planned_ = 0;
  std::uint64_t steps_ = 0;
  std::uint64_t trace_ = 0;
  std::unique_ptr<Violation> violation_;
  std::map<std::string, std::uint64_t> faults_;
  std::deque<std::string> lines_;
};

}  // namespace scopa::sim
