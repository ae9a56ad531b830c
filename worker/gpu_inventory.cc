#include "worker/gpu_inventory.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <system_error>
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

std::string library_of(const session::Environment& env) {
  return env("SCOPA_NVML").value_or("libnvidia-ml.so.1");
}

/// Of a library that is there.
Status broken_driver(const Status& nvml) {
  if (nvml || nvml.code() == Code::kNotFound) return Status::ok();
  return {Code::kResource, "the GPUs of this machine cannot be used: " + nvml.message(),
          "see what `nvidia-smi` says; `--gpus none` trains on the CPU"};
}

Status no_answer(const std::string& gpu) {
  return {Code::kResource, "GPU " + printable(gpu, 64) + " of this machine does not answer",
          "see what `nvidia-smi` says; `--gpus none` trains on the CPU"};
}

/// How people and SLURM say that there is none.
bool says_none(const std::vector<std::string>& visible) {
  return visible.empty() || visible.front() == "-1" || visible.front() == "NoDevFiles";
}

/// The first of /dev/nvidia0, /dev/nvidia1 ...; empty without any.
std::string first_device(const std::string& folder) {
  std::error_code ignored;
  std::string first;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("nvidia") || name.size() == 6) continue;
    if (name.find_first_not_of("0123456789", 6) != std::string::npos) continue;
    if (first.empty() || entry.path().string() < first) first = entry.path().string();
  }
  return first;
}

GpuInventory find_in_slurm(const session::Environment& env,
                           const std::vector<std::string>& visible) {
  GpuInventory found;
  found.source = visible.empty() ? "SLURM gave this job no GPU" : "SLURM";
  if (!visible.empty()) found.trouble = broken_driver(list_nvml_gpus(library_of(env)).status());
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
  if (!gpu.answers) return false;
  return wanted == std::to_string(gpu.index) ||
         (wanted.size() > 4 && gpu.uuid.compare(0, wanted.size(), wanted) == 0);
}

Gpu from_nvml(const NvmlGpu& gpu) {
  return {std::to_string(gpu.index), gpu.uuid, gpu.uuid, gpu.name, gpu.memory_bytes};
}

}  // namespace

GpuInventory find_gpus(const session::Environment& env, const std::string& devices) {
  const auto restricted = env("CUDA_VISIBLE_DEVICES");
  std::vector<std::string> visible = session::split_list(restricted.value_or(""));
  if (says_none(visible)) visible.clear();
  if (session::is_in_slurm(env)) return find_in_slurm(env, visible);
  if (restricted && visible.empty()) {
    GpuInventory none;
    none.source = restricted->empty() ? "CUDA_VISIBLE_DEVICES is empty"
                                      : "CUDA_VISIBLE_DEVICES is " + printable(*restricted, 64);
    return none;
  }

  GpuInventory found;
  const std::string library = library_of(env);
  const auto nvml = list_nvml_gpus(library);
  found.trouble = broken_driver(nvml.status());
  if (nvml && !restricted) {
    for (const NvmlGpu& gpu : *nvml) {
      if (gpu.answers) found.gpus.push_back(from_nvml(gpu));
      if (!gpu.answers) found.lost.push_back(std::to_string(gpu.index));
    }
    found.source = found.gpus.empty() ? "NVML finds no GPU" : "NVML";
    if (found.gpus.empty() && !found.lost.empty()) found.trouble = no_answer(found.lost.front());
    return found;
  }
  if (!restricted) {
    found.source = "no " + printable(library) + " here";
    const std::string device = first_device(devices);
    if (!device.empty() && found.trouble) {
      found.trouble = {
          Code::kResource,
          "there is a GPU, " + printable(device) + ", and no " + printable(library) + " to use it",
          "install the driver's library (Debian: libnvidia-ml1), or list the GPUs in "
          "CUDA_VISIBLE_DEVICES; `--gpus none` trains on the CPU"};
    }
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
  if (found.gpus.empty() && found.trouble) {
    found.trouble = {Code::kInvalidArgument,
                     "CUDA_VISIBLE_DEVICES names the GPU `" + printable(visible.front(), 64) +
                         "`, which is not there or does not answer",
                     "`nvidia-smi -L` lists those that are; `--gpus none` trains on the CPU"};
  }
  return found;
}

}  // namespace scopa::worker
