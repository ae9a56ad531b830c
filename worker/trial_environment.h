#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sdk/wire/messages.h"
#include "worker/slots.h"

namespace scopa::worker {

struct TrialPlaces {
  std::string journal;            ///< folder of the journal
  std::string metrics;            ///< the pipe
  std::string folder;             ///< of the trial
  std::string checkpoint;         ///< path of its checkpoint; empty: nobody keeps one
  std::int64_t resume_step = -1;  ///< that the checkpoint there holds; -1: none
};

/// The environment of a trainer: `base` (NAME=value) with the trial's variables, the slot's
/// CUDA_VISIBLE_DEVICES, and `threads` for OpenMP and BLAS where nothing is said: as many trainers
/// as there are slots share the cores. What says something about the worker itself (its own rank
/// in a SLURM step) is left out.
std::vector<std::string> trial_environment(const std::vector<std::string>& base,
                                           const wire::Assign& assign, const SlotDevice& slot,
                                           const TrialPlaces& places, std::uint32_t threads);

}  // namespace scopa::worker
