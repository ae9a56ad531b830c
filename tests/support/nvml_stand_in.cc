// Answers like NVIDIA's management library on a machine with SCOPA_STAND_IN_GPUS GPUs.
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

unsigned int gpu_count() {
  const char* text = std::getenv("SCOPA_STAND_IN_GPUS");
  return text == nullptr ? 2U : static_cast<unsigned int>(std::atoi(text));
}

std::size_t index_of(void* device) { return reinterpret_cast<std::size_t>(device) - 1; }

}  // namespace

extern "C" {

struct StandInMemory {
  unsigned long long total, free, used;
};

int nvmlInit_v2() { return std::getenv("SCOPA_STAND_IN_NO_DRIVER") != nullptr ? 9 : 0; }
int nvmlShutdown() { return 0; }
const char* nvmlErrorString(int code) { return code == 9 ? "Driver Not Loaded" : "Another"; }
int nvmlDeviceGetCount_v2(unsigned int* count) {
  *count = gpu_count();
  return 0;
}
int nvmlDeviceGetHandleByIndex_v2(unsigned int index, void** device) {
  if (index >= gpu_count()) return 2;
  const char* lost = std::getenv("SCOPA_STAND_IN_LOST");
  if (lost != nullptr && static_cast<unsigned int>(std::atoi(lost)) == index) return 15;
  *device = reinterpret_cast<void*>(static_cast<std::size_t>(index) + 1);
  return 0;
}
int nvmlDeviceGetUUID(void* device, char* text, unsigned int bytes) {
  std::snprintf(text, bytes, "GPU-%08zx-0000-4000-8000-0123456789ab", index_of(device) * 0x1111);
  return 0;
}
int nvmlDeviceGetName(void*, char* text, unsigned int bytes) {
  std::snprintf(text, bytes, "Stand-in 9000");
  return 0;
}
int nvmlDeviceGetMemoryInfo(void*, StandInMemory* memory) {
  *memory = {80ULL << 30, 79ULL << 30, 1ULL << 30};
  return 0;
}
}
