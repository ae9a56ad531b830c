#include "worker/slots.h"

#include <algorithm>

#include "sdk/base/limits.h"
#include "sdk/base/text.h"

namespace scopa::worker {

namespace {

std::string list_of(const GpuInventory& inventory) {
  if (inventory.gpus.empty()) return "this machine has none (" + inventory.source + ")";
  std::string text = "there are";
  for (const Gpu& gpu : inventory.gpus) {
    text += (&gpu == &inventory.gpus.front() ? " " : ", ") + gpu.index + " (" + gpu.id + ")";
  }
  return text;
}

Result<std::vector<Gpu>> choose(const GpuInventory& inventory,
                                const std::vector<std::string>& wanted) {
  if (wanted.empty()) return inventory.gpus;
  std::vector<Gpu> chosen;
  for (const std::string& name : wanted) {
    const auto at = std::find_if(inventory.gpus.begin(), inventory.gpus.end(), [&](const Gpu& gpu) {
      return gpu.index == name || (name.size() > 3 && gpu.id.compare(0, name.size(), name) == 0);
    });
    if (at == inventory.gpus.end()) {
      return Status{Code::kInvalidArgument, "no GPU `" + printable(name, 64) + "`",
                    list_of(inventory)};
    }
    const bool twice =
        std::any_of(chosen.begin(), chosen.end(), [&](const Gpu& gpu) { return gpu.id == at->id; });
    if (twice) {
      return Status{Code::kInvalidArgument, "GPU `" + printable(name, 64) + "` is named twice",
                    "--slots N runs several trials on one GPU"};
    }
    chosen.push_back(*at);
  }
  return chosen;
}

std::string text_of(const Gpu& gpu) {
  std::string more = gpu.name;
  if (gpu.memory_bytes > 0) {
    more += (more.empty() ? "" : ", ") + std::to_string(gpu.memory_bytes >> 30) + " GiB";
  }
  return gpu.index + (more.empty() ? "" : " (" + more + ")");
}

/// "2 slots on 2 of 4 GPUs (NVML): 0 (NVIDIA A100, 40 GiB), 1 (…)"
std::string text_of(const SlotPlan& plan, const GpuInventory& inventory, bool cpu_only) {
  const auto counted = [](std::size_t n, const std::string& what) {
    return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
  };
  std::string text = counted(plan.slots.size(), "slot") + " on ";
  if (plan.gpus.empty()) {
    text += "the CPU: " + (cpu_only ? std::string("--gpus none") : inventory.source);
  } else {
    const std::size_t all = inventory.gpus.size();
    text += (plan.gpus.size() < all ? std::to_string(plan.gpus.size()) + " of " : "") +
            counted(all, "GPU") + " (" + inventory.source + "):";
    for (const Gpu& gpu : plan.gpus) {
      text += (&gpu == &plan.gpus.front() ? " " : ", ") + text_of(gpu);
    }
  }
  for (const std::string& index : inventory.lost) text += "; GPU " + index + " does not answer";
  return printable(text, 2000);
}

}  // namespace

Result<SlotPlan> plan_slots(const GpuInventory& inventory, std::uint32_t slots,
                            const std::vector<std::string>& wanted) {
  if (slots > limits::kSlotsMax) {
    return Status{Code::kInvalidArgument, std::to_string(slots) + " slots are too many",
                  "at most " + std::to_string(limits::kSlotsMax) + " in one worker"};
  }
  const bool cpu_only = wanted.size() == 1 && wanted[0] == "none";
  std::vector<Gpu> gpus;
  if (!cpu_only) {
    if (!inventory.trouble) return inventory.trouble;
    SCOPA_ASSIGN_OR_RETURN(gpus, choose(inventory, wanted));
  }
  SlotPlan plan;
  const std::size_t count = slots != 0 ? slots : std::max<std::size_t>(gpus.size(), 1);
  if (gpus.size() > count) gpus.resize(count);
  for (std::size_t i = 0; i < std::min(count, limits::kSlotsMax); ++i) {
    SlotDevice slot;
    if (!gpus.empty()) {
      const Gpu& gpu = gpus[i % gpus.size()];
      slot.device = gpu.id;
      slot.label = "gpu" + gpu.index;
      if (!inventory.keep_visible) slot.cuda_visible = gpu.visible;
    } else if (!inventory.gpus.empty() || !inventory.trouble) {
      slot.cuda_visible = "";  // cpu alone, so a trainer must not find the GPUs
    }
    plan.slots.push_back(std::move(slot));
  }
  plan.gpus = std::move(gpus);
  plan.text = text_of(plan, inventory, cpu_only);
  return plan;
}

}  // namespace scopa::worker
