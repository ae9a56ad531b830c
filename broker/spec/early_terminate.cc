#include "broker/spec/early_terminate.h"

#include <algorithm>
#include <array>
#include <utility>

#include "broker/spec/section_reader.h"

namespace scopa::spec {
namespace {

// What a key is called elsewhere (in another pruner, in Ray, in Optuna), and what it is called
// here.
constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kPrunerSynonyms = {{
    {"min_iter", "min_resource"},
    {"max_iter", "max_resource"},
    {"min_resource", "min_iter"},
    {"max_resource", "max_iter"},
    {"grace_period", "min_resource"},
    {"max_t", "max_resource"},
    {"reduction_factor", "eta"},
    {"n_startup_trials", "min_trials"},
    {"min_samples_required", "min_trials"},
    {"n_warmup_steps", "warmup"},
    {"warmup_steps", "warmup"},
    {"interval_steps", "interval"},
    {"n_min_trials", "min_trials"},
    {"wrapped_pruner", "wraps"},
}};

std::string unit_of(KeySection section) {
  if (section == KeySection::kHyperband) return "hyperband counts values of the goal metric: ";
  if (section == KeySection::kAsha) return "asha counts steps: ";
  return "here it is called ";
}

// The remedy for a key that is none of this pruner's.
std::string foreign_key(KeySection section, const std::string& key) {
  for (const auto& [synonym, own] : kPrunerSynonyms) {
    if (synonym == key && find_key(section, own) != nullptr) {
      const bool resource = own.ends_with("_iter") || own.ends_with("_resource");
      return (resource ? unit_of(section) : "here it is called ") + "`" + std::string(own) + "`";
    }
  }
  std::vector<std::string_view> types;
  for (const SectionRow& row : section_table()) {
    if (!row.type.empty() && find_key(row.section, key) != nullptr) types.push_back(row.type);
  }
  return types.empty() ? "" : "it belongs to `type:` " + one_of(types);
}

class PrunerReader {
 public:
  PrunerReader(KeySection keys, const Section& section, Findings* findings)
      : keys_(keys), section_(section), read_(keys, section, findings), findings_(findings) {}

  Pruner read(bool is_wrapped);

 private:
  Hyperband hyperband();
  Asha asha();
  Percentile percentile();
  Predictive predictive();
  Threshold threshold();
  Patient patient();
  void check_hyperband_forms(const Hyperband& hyperband, std::optional<double> eta);
  void add(std::string_view key, std::string message, std::string help) {
    const Entry* entry = section_.find(key);
    findings_->add(Rule::kPrunerForm, entry == nullptr ? section_.path : section_.at(key),
                   entry == nullptr ? section_.place : entry->value.place, std::move(message), {},
                   std::move(help));
  }

  KeySection keys_;
  const Section& section_;
  SectionReader read_;
  Findings* findings_;
};

Pruner PrunerReader::read(bool is_wrapped) {
  read_.check([this](const std::string& key) { return foreign_key(keys_, key); });
  switch (keys_) {
    case KeySection::kAsha:
      return {asha()};
    case KeySection::kMedian:
    case KeySection::kPercentile:
      return {percentile()};
    case KeySection::kPredictive:
      return {predictive()};
    case KeySection::kThreshold:
      return {threshold()};
    case KeySection::kPatient:
      if (is_wrapped) {
        add("type", "`patient` cannot wrap `patient`", "wrap another pruner, or none");
        return {Patient{}};
      }
      return {patient()};
    default:
      return {hyperband()};
  }
}

Hyperband PrunerReader::hyperband() {
  Hyperband hyperband;
  hyperband.min_iter = read_.integer("min_iter");
  hyperband.max_iter = read_.integer("max_iter");
  hyperband.s = read_.integer("s");
  const auto eta = read_.number("eta");
  hyperband.eta = eta.value_or(hyperband.eta);
  hyperband.strict = read_.boolean("strict").value_or(hyperband.strict);
  check_hyperband_forms(hyperband, read_.has("eta") ? eta : hyperband.eta);
  return hyperband;
}

void PrunerReader::check_hyperband_forms(const Hyperband& hyperband, std::optional<double> eta) {
  const bool min_iter = read_.has("min_iter");
  const bool max_iter = read_.has("max_iter");
  if (!min_iter && !max_iter) {
    findings_->add(Rule::kHyperbandForm, section_.path, section_.place,
                   "hyperband needs `min_iter`, or `max_iter` with `s`", {},
                   "for example `min_iter: 3`: trials are compared after 3, 9, 27 ... values");
  } else if (max_iter && !read_.has("s")) {
    findings_->add(Rule::kHyperbandForm, section_.at("s"), section_.find("max_iter")->key_place,
                   "`max_iter` needs `s`, the number of rungs below it", {},
                   "add `s: 2`, or use `min_iter`");
  }
  if (hyperband.max_iter && hyperband.s && eta && static_cast<double>(*hyperband.max_iter) < *eta) {
    findings_->add(
        Rule::kHyperbandForm, section_.at("max_iter"), section_.find("max_iter")->value.place,
        "`max_iter` is below `eta`, so there is no rung", {}, "raise `max_iter`, or lower `eta`");
  }
  if (max_iter && min_iter) {
    findings_->add(Rule::kBothHyperbandForms, section_.at("min_iter"),
                   section_.find("min_iter")->key_place,
                   "`min_iter` is ignored, because `max_iter` is given", {}, "remove one of them");
  }
}

Asha PrunerReader::asha() {
  Asha asha;
  const auto min = read_.integer("min_resource");
  asha.min_resource = min.value_or(asha.min_resource);
  asha.max_resource = read_.integer("max_resource");
  asha.eta = read_.number("eta").value_or(asha.eta);
  const bool min_is_known = min || !read_.has("min_resource");
  if (min_is_known && asha.max_resource && *asha.max_resource <= asha.min_resource) {
    add("max_resource", "`max_resource` is not above `min_resource`, so there is no rung",
        "`max_resource` is the step at which a trial is complete");
  }
  return asha;
}

Percentile PrunerReader::percentile() {
  Percentile rule;
  rule.is_median = keys_ == KeySection::kMedian;
  if (!rule.is_median) rule.percentile = read_.number("percentile").value_or(rule.percentile);
  rule.warmup = read_.integer("warmup").value_or(rule.warmup);
  rule.interval = read_.integer("interval");
  if (const auto trials = read_.integer("min_trials")) {
    rule.min_trials = static_cast<std::uint32_t>(*trials);
  }
  return rule;
}

Predictive PrunerReader::predictive() {
  Predictive rule;
  rule.confidence = read_.number("confidence").value_or(rule.confidence);
  rule.warmup = read_.integer("warmup").value_or(rule.warmup);
  if (const auto trials = read_.integer("min_trials")) {
    rule.min_trials = static_cast<std::uint32_t>(*trials);
  }
  return rule;
}

Threshold PrunerReader::threshold() {
  Threshold threshold;
  threshold.lower = read_.number("lower");
  threshold.upper = read_.number("upper");
  threshold.warmup = read_.integer("warmup").value_or(threshold.warmup);
  if (!read_.has("lower") && !read_.has("upper")) {
    add("", "threshold needs `lower`, `upper` or both",
        "for example `upper: 10`: a trial whose goal metric is above 10 is stopped");
  } else if (threshold.lower && threshold.upper && *threshold.lower >= *threshold.upper) {
    add("lower", "`lower` is not below `upper`, so every trial would be stopped", "swap them");
  }
  return threshold;
}

std::optional<Pruner> read_pruner(const Section& section, bool is_wrapped, Findings* findings);

Patient PrunerReader::patient() {
  Patient patient;
  patient.patience = read_.integer("patience").value_or(patient.patience);
  patient.min_delta = read_.number("min_delta").value_or(patient.min_delta);
  patient.warmup = read_.integer("warmup").value_or(patient.warmup);
  const Entry* wraps = section_.find("wraps");
  if (wraps == nullptr) return patient;
  const Section inner{wraps->value, section_.at("wraps"), wraps->key_place};
  if (auto pruner = read_pruner(inner, true, findings_)) patient.wraps.push_back(*pruner);
  return patient;
}

// Without a `type`, the one whose keys these are; W&B's own where that is open.
KeySection likely_pruner(const Section& section) {
  std::vector<KeySection> fitting;
  for (const SectionRow& row : section_table()) {
    if (row.type.empty()) continue;
    const auto& entries = section.node.entries;
    const bool fits = std::all_of(entries.begin(), entries.end(), [&](const Entry& entry) {
      return find_key(row.section, entry.key) != nullptr;
    });
    if (fits) fitting.push_back(row.section);
  }
  return fitting.size() == 1 ? fitting.front() : KeySection::kHyperband;
}

// Of a pruner that is not known, only keys that no pruner has are surely wrong.
void check_keys_of_any(const Section& section, Findings* findings) {
  std::vector<std::string_view> names;
  for (const SectionRow& row : section_table()) {
    if (row.type.empty()) continue;
    for (const std::string_view name : names_of(row.section)) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  check_keys(section, names, findings);
}

std::optional<Pruner> read_pruner(const Section& section, bool is_wrapped, Findings* findings) {
  if (section.node.type != NodeType::kMap) {
    add_wrong_type(
        section.node, section.path, "a map", findings,
        is_wrapped ? "write `{type: median}`" : "write `{type: hyperband, min_iter: 3}`");
    return std::nullopt;
  }
  KeySection keys = likely_pruner(section);
  if (section.find("type") != nullptr) {
    const auto type = read_word(section, "type", pruner_types(), findings);
    const SectionRow* row = type ? find_pruner(*type) : nullptr;
    if (row == nullptr) {
      check_keys_of_any(section, findings);
      return std::nullopt;
    }
    keys = row->section;
  }
  return PrunerReader(keys, section, findings).read(is_wrapped);
}

}  // namespace

std::optional<Pruner> read_early_terminate(const Entry& entry, Findings* findings) {
  return read_pruner({entry.value, entry.key, entry.key_place}, false, findings);
}

}  // namespace scopa::spec
