#include "sdk/session/failure_cause.h"

#include <algorithm>
#include <array>

namespace scopa::session {
namespace {

struct Sign {
  std::string_view text;  // in lower case
  Cause cause;
};

constexpr std::array<Sign, 29> kSigns = {{
    // The host's memory.
    {"std::bad_alloc", Cause::kOom},
    {"memoryerror", Cause::kOom},             // Python, NumPy
    {"cannot allocate memory", Cause::kOom},  // ENOMEM
    {"can't allocate memory", Cause::kOom},   // PyTorch on the CPU
    {"oom-kill", Cause::kOom},                // the kernel, systemd
    {"oom_kill", Cause::kOom},                // slurmstepd
    {"oom killed", Cause::kOom},
    // A device's: CUDA, HIP, XLA.
    {"out of memory", Cause::kOom},
    {"out_of_memory", Cause::kOom},
    {"outofmemory", Cause::kOom},
    {"cudaerrormemoryallocation", Cause::kOom},
    {"hiperrormemoryallocation", Cause::kOom},
    {"status_alloc_failed", Cause::kOom},  // cuBLAS, cuDNN, cuSOLVER
    // The machine's GPU.
    {"no cuda-capable device", Cause::kNode},
    {"no cuda device", Cause::kNode},
    {"no cuda gpus are available", Cause::kNode},
    {"cuda_error_no_device", Cause::kNode},
    {"cudaerrornodevice", Cause::kNode},
    {"cuda driver version is insufficient", Cause::kNode},
    {"found no nvidia driver", Cause::kNode},
    {"driver/library version mismatch", Cause::kNode},
    {"busy or unavailable", Cause::kNode},  // in exclusive mode somebody else has it
    {"uncorrectable", Cause::kNode},        // ECC, NVLink
    {"fallen off the bus", Cause::kNode},
    {"gpu is lost", Cause::kNode},
    // Its disks.
    {"no space left on device", Cause::kNode},
    {"read-only file system", Cause::kNode},
    {"stale file handle", Cause::kNode},
    {"input/output error", Cause::kNode},
}};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool has_sign(std::string_view line, std::string_view sign) {
  return std::search(line.begin(), line.end(), sign.begin(), sign.end(),
                     [](char a, char b) { return lower(a) == b; }) != line.end();
}

Cause cause_in_line(std::string_view line) {
  for (const Sign& sign : kSigns) {
    if (has_sign(line, sign.text)) return sign.cause;
  }
  return Cause::kNone;
}

}  // namespace

Cause cause_in_text(std::string_view text) {
  while (!text.empty()) {
    const std::size_t before = text.rfind('\n');
    const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
    if (const Cause cause = cause_in_line(text.substr(begin)); cause != Cause::kNone) return cause;
    text = text.substr(0, begin == 0 ? 0 : before);
  }
  return Cause::kNone;
}

Cause cause_of_start_failure(const Status& status) {
  const bool command = status.code() == Code::kNotFound || status.code() == Code::kInvalidArgument;
  return command ? Cause::kUserError : Cause::kNode;
}

}  // namespace scopa::session
