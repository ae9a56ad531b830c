#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sdk/base/status.h"
#include "sdk/session/environment.h"

namespace scopa::worker {

/// One GPU that trials can be pinned to.
struct Gpu {
  std::string index;    ///< what people call it: "0"
  std::string id;       ///< a UUID where one is known; names the lock and travels to the broker
  std::string visible;  ///< the CUDA_VISIBLE_DEVICES under which a trainer sees this GPU alone
  std::string name;     ///< "NVIDIA A100-SXM4-40GB"; may be empty
  std::uint64_t memory_bytes = 0;  ///< 0: not known
};

struct GpuInventory {
  std::vector<Gpu> gpus;
  /// CUDA_VISIBLE_DEVICES must stay as it is: there is one GPU, and someone else (SLURM) chose it.
  bool keep_visible = false;
  std::string source;  ///< how they were found, or why there are none, for people
  /// The machine seems to have GPUs, and they cannot be used: training on the CPU instead would be
  /// what nobody asked for.
  Status trouble;
  std::vector<std::string> lost;  ///< indexes of those that are there and do not answer
};

/// The GPUs that this process may use.
///
/// Under SLURM: those of CUDA_VISIBLE_DEVICES alone, identified by node and SLURM_JOB_GPUS, since
/// under device cgroups every task sees its GPU as number 0. Elsewhere: those of NVML (the library
/// named by SCOPA_NVML, else libnvidia-ml.so.1), restricted to CUDA_VISIBLE_DEVICES where that is
/// set; without NVML what CUDA_VISIBLE_DEVICES lists. Set but empty it means: none. A driver that
/// does not answer is `trouble`, wherever GPUs are wanted, and so are GPUs in `devices` without
/// NVML and without CUDA_VISIBLE_DEVICES.
GpuInventory find_gpus(const session::Environment& env, const std::string& devices = "/dev");

}  // namespace scopa::worker
