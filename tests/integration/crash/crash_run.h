#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/integration/crash/crash_audit.h"

namespace scopa::test {

struct CrashPlan {
  std::uint64_t seed = 1;
  /// The faults end when both are over.
  std::chrono::seconds time{0};
  std::uint64_t kills = 0;
  int machines = 3;                              ///< with a worker each
  int slots = 2;                                 ///< of each worker
  std::string scopa, trainer;                    ///< programs
  std::function<void(const std::string&)> tell;  ///< a line now and then; may be empty
  std::function<bool()> is_called_off;           ///< then all is ended at once; may be empty
};

struct CrashReport {
  std::map<std::string, std::uint64_t> faults;  ///< by kind; kills are "kill -9 WHAT"
  std::uint64_t kills = 0;
  std::uint64_t trials = 0, attempts = 0, trainers = 0;
  std::uint64_t acknowledgements = 0;  ///< overheard
  std::uint64_t points = 0;            ///< compared
  std::vector<std::string> violations;
  CrashEvidence evidence;
  SweepId sweep;
};

/// A sweep with real processes: a broker, workers, trainers of which some save checkpoints. Between
/// broker and workers are proxies that listen to what is acknowledged. At random moments, which a
/// seed decides, processes are killed with SIGKILL or stopped for longer than a lease, and the
/// network is cut or held. Then all is left in peace, the sweep must end, and everything is
/// audited. `folder` must be there and empty.
CrashReport crash_run(const std::string& folder, const CrashPlan& plan);

}  // namespace scopa::test
