#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sdk/base/status.h"
#include "worker/gpu_inventory.h"

namespace scopa::worker {

/// A place for one trial at a time, pinned to a device.
struct SlotDevice {
  std::string device = "cpu";  ///< for the broker's records: "cpu" or a GPU's id
  std::string label = "cpu";   ///< for people: "cpu", "gpu0"
  /// What CUDA_VISIBLE_DEVICES becomes for its trainers; none: it stays as it is.
  std::optional<std::string> cuda_visible;
};

struct SlotPlan {
  std::vector<SlotDevice> slots;
  std::vector<Gpu> gpus;  ///< those in use, to be locked
  std::string text;       ///< what they are, in a line for a person
};

/// One slot per GPU, or one cpu slot without any; `slots` (0: not asked for) makes fewer, or more,
/// then going round the GPUs. `wanted` chooses GPUs by index or UUID (its beginning is enough);
/// {"none"} is cpu alone.
/// Errors: kInvalidArgument for a GPU that is not there, with those that are; but for cpu alone the
/// inventory's trouble.
Result<SlotPlan> plan_slots(const GpuInventory& inventory, std::uint32_t slots,
                            const std::vector<std::string>& wanted);

}  // namespace scopa::worker
