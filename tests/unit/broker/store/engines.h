#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "broker/store/log_store.h"
#include "broker/store/rocks_engine.h"
#include "tests/support/memory_engine.h"
#include "tests/support/temp_folder.h"

/// The engines that one suite of tests is run with.
namespace scopa::store {

/// A place for one store, empty at first.
class Place {
 public:
  virtual ~Place() = default;
  virtual Result<std::unique_ptr<Engine>> open_engine(bool read_only) = 0;

  std::unique_ptr<Engine> engine(bool read_only = false) {
    auto opened = open_engine(read_only);
    EXPECT_TRUE(opened) << opened.status().to_string();
    return opened ? std::move(*opened) : nullptr;
  }
  std::unique_ptr<Store> store(bool read_only = false) {
    auto opened = engine(read_only);
    if (opened == nullptr) return nullptr;
    auto store = LogStore::open(std::move(opened), Durability::kProcess, 1);
    EXPECT_TRUE(store) << store.status().to_string();
    return store ? std::move(*store) : nullptr;
  }
};

class RocksPlace final : public Place {
 public:
  Result<std::unique_ptr<Engine>> open_engine(bool read_only) override {
    SCOPA_ASSIGN_OR_RETURN(std::unique_ptr<Engine> engine,
                           RocksEngine::open({.folder = folder_.path(), .read_only = read_only}));
    return engine;
  }

 private:
  const TempFolder folder_;
};

class MemoryPlace final : public Place {
 public:
  Result<std::unique_ptr<Engine>> open_engine(bool read_only) override {
    SCOPA_ASSIGN_OR_RETURN(std::unique_ptr<Engine> engine, MemoryEngine::open(disk_, read_only));
    return engine;
  }

 private:
  const std::shared_ptr<MemoryDisk> disk_ = std::make_shared<MemoryDisk>(1);
};

using Engines = ::testing::Types<RocksPlace, MemoryPlace>;

struct EngineNames {
  template <class T>
  static std::string GetName(int) {
    return std::is_same_v<T, RocksPlace> ? "Rocks" : "Memory";
  }
};

}  // namespace scopa::store
