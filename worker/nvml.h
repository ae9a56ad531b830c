#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sdk/base/status.h"

namespace scopa::worker {

/// A GPU as NVIDIA's management library tells it.
struct NvmlGpu {
  std::uint32_t index = 0;
  std::string uuid;  ///< "GPU-…", a name for CUDA_VISIBLE_DEVICES that no reordering changes
  std::string name;
  std::uint64_t memory_bytes = 0;
  bool answers = true;  ///< else only its index is known: it is lost, or not ours
};

/// Opens `library` (libnvidia-ml.so.1) at run time, so that nothing needs it to build or start,
/// asks for all GPUs and closes it again.
/// Errors: kNotFound when the library is not there; kUnsupported when it is another one; kResource
/// when its driver does not answer.
Result<std::vector<NvmlGpu>> list_nvml_gpus(const std::string& library);

}  // namespace scopa::worker
