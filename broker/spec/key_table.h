#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

namespace scopa::spec {

/// The maps of a sweep file whose keys are fixed.
enum class KeySection : std::uint8_t {
  kTop,
  kOwn,  ///< Scopa's own keys: at the top, or together in the block `scopa`
  kMetric,
  kHyperband,  ///< from here to kPatient: `early_terminate`, by its `type`
  kAsha,
  kMedian,
  kPercentile,
  kPredictive,
  kThreshold,
  kPatient,
  kBudget,
  kBayes,
  kController,
  kScheduler,
  kParameter,  ///< one parameter, or a group of nested ones
};

struct SectionRow {
  KeySection section;
  std::string_view path;  ///< the key that holds the map, "" for the file itself
  std::string_view type;  ///< of a pruner: the word of its `type`
  bool open;              ///< other keys are allowed too
  std::string_view description;
};

/// What a key takes, as bits.
enum KeyType : std::uint16_t {
  kTypeText = 1u << 0,
  kTypeInteger = 1u << 1,  ///< 5.0 is one too
  kTypeNumber = 1u << 2,
  kTypeBoolean = 1u << 3,
  kTypeList = 1u << 4,
  kTypeMap = 1u << 5,
  kTypeWord = 1u << 6,       ///< one of `words`
  kTypeDuration = 1u << 7,   ///< seconds, or text like "1h30m"
  kTypeReduction = 1u << 8,  ///< last, best or mean(k)
  kTypeAny = 1u << 9,
};

/// The numbers that a key takes.
struct Range {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  bool above_min = false;  ///< min itself is outside
  bool below_max = false;
};

enum class Origin : std::uint8_t { kWandb, kScopa };

enum class Use : std::uint8_t {
  kUsed,
  kIgnored,  ///< checked as W&B does, and without effect
  kRefused,  ///< known, but what it asks for Scopa does not do
};

/// One key of a sweep file. What its value means is read elsewhere; what it may look like is said
/// here once, for the parser, the JSON Schema and the documentation.
struct KeyRow {
  KeySection section;
  std::string_view key;
  std::uint16_t types;  ///< of KeyType
  Origin origin;
  std::string_view description;  ///< one line
  std::string_view example;      ///< entries of a flow map, with those that must stand beside it
  std::span<const std::string_view> words = {};
  Range range = {};
  std::string_view fallback = {};  ///< the default as YAML; empty: none, or said in `description`
  std::string_view missing = {};   ///< for a required key: the remedy where it is missing
  std::string_view remedy = {};    ///< for a number out of range
  Use use = Use::kUsed;

  bool required() const { return !missing.empty(); }
};

std::span<const SectionRow> section_table();
const SectionRow& row_of(KeySection section);

/// Every key of every section, section by section.
std::span<const KeyRow> key_table();
std::span<const KeyRow> keys_of(KeySection section);
/// Null where the section has no such key.
const KeyRow* find_key(KeySection section, std::string_view key);
/// The names alone, for messages.
std::vector<std::string_view> names_of(KeySection section);

/// The words that `early_terminate.type` takes, in the order of the sections.
std::span<const std::string_view> pruner_types();
/// Null where there is no such type.
const SectionRow* find_pruner(std::string_view type);

}  // namespace scopa::spec
