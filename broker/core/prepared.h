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

/// A new text of a sweep's file that has been read.
struct PreparedEdit {
  wire::Edit edit;
  Result<std::shared_ptr<const SpecFile>> file;
};

}  // namespace scopa::core
