#pragma once

#include <memory>
#include <vector>

#include "broker/core/sweep.h"
#include "sdk/base/status.h"
#include "sdk/wire/messages.h"

namespace scopa::core {

/// A sweep that has been read from its file and is not in any store yet.
struct PreparedSweep {
  wire::Create create;   ///< without `spec`
  Status status;         ///< why it is none
  SweepCreated created;  ///< all but `name`, which depends on what else there is
  std::unique_ptr<Sweep> sweep;
  std::vector<Params> initial;
};

}  // namespace scopa::core
