#include "broker/store/migrate.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>

namespace scopa::store {
namespace {

/// Newest last. Version 2 knows more kinds of events (attempt_suspected, attempt_held,
/// attempt_resumed, checkpoint_saved, worker_quarantined), at which older software would stop.
/// Version 3 knows the trial state `diverged` and the events rules and sweep_edited.
constexpr std::array<Migration, 2> kMigrations = {{
    {.from = 1, .is_readable = true, .rewrite = nullptr},
    {.from = 2, .is_readable = true, .rewrite = nullptr},
}};

Status take_step(Engine* engine, const Migration& step) {
  const std::unique_ptr<Batch> last = engine->make_batch();
  if (step.rewrite != nullptr) SCOPA_RETURN_IF_ERROR(step.rewrite(*engine, *last));
  SCOPA_RETURN_IF_ERROR(last->put(kMeta, kSchemaKey, std::to_string(step.from + 1)));
  SCOPA_RETURN_IF_ERROR(last->put(kMeta, kSoftwareKey, "scopa " SCOPA_VERSION));
  return engine->write(*last, true);
}

}  // namespace

std::span<const Migration> migrations() { return kMigrations; }

Status migrate(Engine* engine, std::uint64_t from, std::uint64_t to,
               std::span<const Migration> steps) {
  for (std::uint64_t version = from; version < to; ++version) {
    const auto step = std::find_if(steps.begin(), steps.end(), [version](const Migration& each) {
      return each.from == version;
    });
    if (step == steps.end()) {
      return {Code::kUnsupported,
              "schema version " + std::to_string(version) + " is too old for scopa " SCOPA_VERSION,
              "open it once with a scopa in between"};
    }
    if (engine->read_only()) {
      if (step->is_readable) continue;
      return {Code::kUnsupported,
              "schema version " + std::to_string(version) +
                  " is older than that of scopa " SCOPA_VERSION ", " + std::to_string(to),
              "start a broker of this version on it once, which brings it up to date"};
    }
    if (const Status taken = take_step(engine, *step); !taken) {
      return taken.with_prefix("from schema version " + std::to_string(version) + " to " +
                               std::to_string(version + 1));
    }
  }
  return Status::ok();
}

}  // namespace scopa::store
