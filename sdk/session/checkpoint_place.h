#pragma once

#include <cstdint>
#include <string>

#include "sdk/base/status.h"
#include "sdk/wire/messages.h"

namespace scopa::session {

/// Where an attempt reads and writes its trial's checkpoint.
struct CheckpointPlace {
  std::string path;
  std::int64_t resume_step = -1;  ///< what the checkpoint there holds; -1: none to go on from
};

/// Where the trial's newest checkpoint is, if the broker knows of one that is on this machine too;
/// else `checkpoint` in the folder `own`, which is made, to begin at the beginning.
/// Errors: kResource when the folder cannot be made.
Result<CheckpointPlace> checkpoint_place(const wire::Assign& assign, const std::string& own);

}  // namespace scopa::session
