#pragma once

#include <cstdint>
#include <string>

namespace scopa::worker {

/// How often the kernel has killed a process for want of memory: in this process's cgroup and those
/// below it (memory.events), or on the whole machine (/proc/vmstat) where there is no cgroup of
/// version 2. Only the difference between two readings means something.
///
///     const OomKills before = OomKills::now();
///     ...
///     if (OomKills::now().since(before)) ...
class OomKills {
 public:
  static OomKills now() { return read("/"); }
  /// `root` holds proc/ and sys/.
  static OomKills read(const std::string& root);
  /// Whether there were any after `before`. False where nothing can be read.
  bool since(const OomKills& before) const {
    return source_ == before.source_ && count_ > before.count_;
  }
  /// The file that it was read from; empty: none.
  const std::string& source() const { return source_; }

 private:
  std::string source_;
  std::uint64_t count_ = 0;
};

}  // namespace scopa::worker
