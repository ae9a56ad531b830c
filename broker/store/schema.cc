#include "broker/store/schema.h"

#include <charconv>
#include <string>

#include "broker/store/migrate.h"

namespace scopa::store {
namespace {

Status write_schema(Engine* engine, std::int64_t now_us) {
  const std::unique_ptr<Batch> batch = engine->make_batch();
  SCOPA_RETURN_IF_ERROR(batch->put(kMeta, kSchemaKey, std::to_string(kSchemaVersion)));
  SCOPA_RETURN_IF_ERROR(batch->put(kMeta, kSoftwareKey, "scopa " SCOPA_VERSION));
  SCOPA_RETURN_IF_ERROR(batch->put(kMeta, kCreatedKey, std::to_string(now_us)));
  return engine->write(*batch, true);
}

bool has_events(const Engine& engine) {
  const auto events = engine.cursor(kEvents, Engine::Scan::kSome);
  events->seek_first();
  return events->valid() || !events->status();
}

}  // namespace

Status check_schema(Engine* engine, std::int64_t now_us) {
  SCOPA_ASSIGN_OR_RETURN(const std::optional<std::string> stored, engine->get(kMeta, kSchemaKey));
  if (!stored && !has_events(*engine)) {
    if (engine->read_only()) return {Code::kNotFound, "it is empty"};
    return write_schema(engine, now_us);
  }
  const std::string text = stored.value_or("");
  std::uint64_t version = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), version);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || version == 0) {
    return {Code::kCorruption, "no readable schema version"};
  }
  if (version > kSchemaVersion) {
    SCOPA_ASSIGN_OR_RETURN(const std::optional<std::string> software,
                           engine->get(kMeta, kSoftwareKey));
    return {Code::kUnsupported,
            "schema version " + std::to_string(version) +
                (software ? " (made by " + *software + ")" : "") +
                "; this is scopa " SCOPA_VERSION " and knows versions up to " +
                std::to_string(kSchemaVersion),
            "use the newer scopa, or another folder with --dir"};
  }
  return migrate(engine, version, kSchemaVersion, migrations());
}

}  // namespace scopa::store
