#include "worker/nvml.h"

#include <dlfcn.h>

#include <array>
#include <memory>

#include "sdk/base/text.h"

namespace scopa::worker {

namespace {

// The few of NVML's stable entry points that are used. Its header is not packaged everywhere.
using NvmlDevice = void*;
struct NvmlMemory {
  unsigned long long total, free, used;
};
using NvmlInit = int (*)();
using NvmlShutdown = int (*)();
using NvmlCount = int (*)(unsigned int*);
using NvmlHandle = int (*)(unsigned int, NvmlDevice*);
using NvmlText = int (*)(NvmlDevice, char*, unsigned int);
using NvmlErrorString = const char* (*)(int);
using NvmlMemoryInfo = int (*)(NvmlDevice, NvmlMemory*);

constexpr unsigned int kGpusMax = 256;

struct CloseLibrary {
  void operator()(void* library) const { dlclose(library); }
};
using Library = std::unique_ptr<void, CloseLibrary>;

template <class F>
F find(const Library& library, const char* name) {
  return reinterpret_cast<F>(dlsym(library.get(), name));
}

Result<std::vector<NvmlGpu>> list(const Library& library) {
  const auto count = find<NvmlCount>(library, "nvmlDeviceGetCount_v2");
  const auto handle = find<NvmlHandle>(library, "nvmlDeviceGetHandleByIndex_v2");
  const auto uuid = find<NvmlText>(library, "nvmlDeviceGetUUID");
  const auto name = find<NvmlText>(library, "nvmlDeviceGetName");
  const auto memory = find<NvmlMemoryInfo>(library, "nvmlDeviceGetMemoryInfo");
  if (count == nullptr || handle == nullptr || uuid == nullptr) {
    return Status{Code::kUnsupported, "the NVML library lacks a function"};
  }
  unsigned int n = 0;
  if (count(&n) != 0) return Status{Code::kResource, "NVML does not tell how many GPUs there are"};
  std::vector<NvmlGpu> gpus;
  for (unsigned int i = 0; i < n && i < kGpusMax; ++i) {
    NvmlDevice device = nullptr;
    std::array<char, 128> text{};
    NvmlGpu gpu;
    gpu.index = i;
    if (handle(i, &device) != 0 || uuid(device, text.data(), text.size() - 1) != 0) {
      gpu.answers = false;
      gpus.push_back(std::move(gpu));
      continue;
    }
    gpu.uuid = printable(text.data());
    text.fill('\0');
    if (name != nullptr && name(device, text.data(), text.size() - 1) == 0) {
      gpu.name = printable(text.data());
    }
    NvmlMemory bytes{};
    if (memory != nullptr && memory(device, &bytes) == 0) gpu.memory_bytes = bytes.total;
    gpus.push_back(std::move(gpu));
  }
  return gpus;
}

}  // namespace

Result<std::vector<NvmlGpu>> list_nvml_gpus(const std::string& path) {
  const Library library(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL));
  if (!library) return Status{Code::kNotFound, "no NVML library " + path};
  const auto init = find<NvmlInit>(library, "nvmlInit_v2");
  const auto shutdown = find<NvmlShutdown>(library, "nvmlShutdown");
  if (init == nullptr || shutdown == nullptr) {
    return Status{Code::kUnsupported, path + " is no NVML library"};
  }
  if (const int code = init(); code != 0) {
    const auto words = find<NvmlErrorString>(library, "nvmlErrorString");
    const char* why = words == nullptr ? nullptr : words(code);
    return Status{Code::kResource,
                  "NVML does not start: " +
                      (why == nullptr ? "error " + std::to_string(code) : printable(why, 100))};
  }
  auto gpus = list(library);
  shutdown();
  return gpus;
}

}  // namespace scopa::worker
