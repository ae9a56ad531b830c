#include "worker/gpu_inventory.h"

#include <algorithm>
#include <utility>

#include "sdk/base/text.h"
#include "worker/nvml.h"

namespace scopa::worker {

namespace {

/// SLURM_JOB_GPUS may hold ranges: "0-2,5".
std::vector<std::string> expand_ranges(const std::vector<std::string>& parts) {
  std::vector<std::string> out;
  for (const std::string& part : parts) {
    unsigned first = 0;
    unsigned last = 0;
    char rest = 0;
    if (std::sscanf(part.c_str(), "%u-%u%c", &first, &last, &rest) == 2 && first <= last &&
        last - first < 1024) {
      for (unsigned i = first; i <= last; ++i) out.push_back(std::to_string(i));
    } else {
      out.push_back(part);
    }
  }
  return out;
}

GpuInventory find_in_slurm(const session::Environment& env,
                           const std::vector<std::string>& visible) {
  GpuInventory found;
  found.source = "SLURM";
  found.keep_visible = visible.size() == 1;
  const auto numbers = expand_ranges(session::split_list(env("SLURM_JOB_GPUS").value_or("")));
  const std::string node = env("SLURMD_NODENAME").value_or("node");
  for (std::size_t i = 0; i < visible.size(); ++i) {
    const std::string number = numbers.size() == visible.size() ? numbers[i] : visible[i];
    found.gpus.push_back(
        {number, printable("slurm-" + node + "-gpu" + number, 128), visible[i], "", 0});
  }
  return found;
}

/// CUDA takes an index or the beginning of a UUID.
bool is_named(const NvmlGpu& gpu, const std::string& wanted) {
  return wanted == std::to_string(gpu.index) ||
         (wanted.size() > 4 && gpu.uuid.compare(0, wanted.size(), wanted) == 0);
}

Gpu from_nvml(const NvmlGpu& gpu) {
  return {std::to_string(gpu.index), gpu.uuid, gpu.uuid, gpu.name, gpu.memory_bytes};
}

}  // namespace

GpuInventory find_gpus(const session::Environment& env) {
  const auto restricted = env("CUDA_VISIBLE_DEVICES");
  const std::vector<std::string> visible = session::split_list(restricted.value_or(""));
  if (session::is_in_slurm(env)) return find_in_slurm(env, visible);
  if (restricted && visible.empty()) return {{}, false, "CUDA_VISIBLE_DEVICES is empty"};

  GpuInventory found;
  const auto nvml = list_nvml_gpus(env("SCOPA_NVML").value_or("libnvidia-ml.so.1"));
  if (nvml && !restricted) {
    found.source = "NVML";
    for (const NvmlGpu& gpu : *nvml) found.gpus.push_back(from_nvml(gpu));
    return found;
  }
  found.source = "CUDA_VISIBLE_DEVICES";
  for (const std::string& wanted : visible) {
    const NvmlGpu* known = nullptr;
    if (nvml) {
      const auto at = std::find_if(nvml->begin(), nvml->end(),
                                   [&](const NvmlGpu& gpu) { return is_named(gpu, wanted); });
      if (at != nvml->end()) known = &*at;
    }
    // CUDA itself stops reading the list at a GPU that is not there; a part of a GPU (MIG) has a
    // name that NVML's list does not show.
    if (nvml && known == nullptr && wanted.rfind("MIG", 0) != 0) break;
    found.gpus.push_back(known != nullptr
                             ? from_nvml(*known)
                             : Gpu{wanted, "gpu-" + printable(wanted, 128), wanted, "", 0});
  }
  return found;
}

}  // namespace scopa::worker
