#include <chrono>
#include <utility>

#include "broker/store/log_store.h"
#include "broker/store/rocks_engine.h"
#include "broker/store/store.h"

namespace scopa::store {
namespace {

std::int64_t unix_us_now() {
  using std::chrono::microseconds;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<microseconds>(now).count();
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(const std::string& folder, OpenMode mode,
                                           Durability durability) {
  SCOPA_ASSIGN_OR_RETURN(
      std::unique_ptr<Engine> engine,
      RocksEngine::open({.folder = folder, .read_only = mode == OpenMode::kReadOnly}));
  auto store = LogStore::open(std::move(engine), durability, unix_us_now());
  if (!store) return store.status().with_prefix("the store in `" + folder + "`");
  return store;
}

}  // namespace scopa::store
