#include "broker/spec/own_keys.h"

#include <algorithm>
#include <cmath>

#include "broker/spec/section_reader.h"

namespace scopa::spec {
namespace {

constexpr std::string_view kBlock = "scopa";

void read_budget(const Section& root, const OwnKeys& own, SweepSpec* spec, Findings* findings) {
  const Entry* entry = own.find("budget");
  if (entry == nullptr) return;
  const Section section{entry->value, own.path_of("budget"), entry->key_place};
  if (entry->value.type != NodeType::kMap) {
    add_wrong_type(entry->value, section.path, "a map", findings,
                   "write `budget: {trials: 100, wall_time: 12h}`");
    return;
  }
  const SectionReader keys(KeySection::kBudget, section, findings);
  keys.check();
  const auto trials = keys.integer("trials");
  const Entry* run_cap = root.find("run_cap");
  if (trials && run_cap != nullptr && spec->run_cap > 0 &&
      spec->run_cap != static_cast<std::uint64_t>(*trials)) {
    findings->add(Rule::kExclusiveKeys, section.at("trials"), section.find("trials")->key_place,
                  "`" + section.at("trials") + "` and `run_cap` say different numbers",
                  "`run_cap` is in line " + std::to_string(run_cap->key_place.line),
                  "they mean the same: remove one of them");
  } else if (trials) {
    spec->run_cap = static_cast<std::uint64_t>(*trials);
  }
  spec->budget.wall_time = keys.duration("wall_time");
  if (const auto hours = keys.number("device_hours")) {
    constexpr double kMicrosecondsPerHour = 3600e6;
    const double us = std::max(1.0, *hours * kMicrosecondsPerHour);
    spec->budget.device_time = std::chrono::microseconds(std::llround(us));
  }
}

void read_bayes(const OwnKeys& own, SweepSpec* spec, Findings* findings) {
  const Entry* entry = own.find("bayes");
  if (entry == nullptr) return;
  const Section section{entry->value, own.path_of("bayes"), entry->key_place};
  if (entry->value.type != NodeType::kMap) {
    add_wrong_type(entry->value, section.path, "a map", findings, "write `bayes: {model: gp}`");
    return;
  }
  const SectionReader keys(KeySection::kBayes, section, findings);
  keys.check();
  const auto model = keys.word("model");
  if (model == "gp") spec->bayes_model = BayesModel::kGp;
  if (model == "tpe") spec->bayes_model = BayesModel::kTpe;
  if (spec->method == Method::kBayes) return;
  findings->add(Rule::kIgnored, section.path, entry->key_place,
                "`" + section.path + "` is for `method: bayes`", "this sweep has another method",
                "remove it, or write `method: bayes`");
}

}  // namespace

OwnKeys::OwnKeys(const Section& root, Findings* findings) : root_(root) {
  const Entry* entry = root.find(kBlock);
  if (entry == nullptr) return;
  if (entry->value.type != NodeType::kMap) {
    add_wrong_type(entry->value, entry->key, "a map", findings,
                   "write `scopa: {retries: 2}`, or put the keys at the top");
    return;
  }
  block_.emplace(Section{entry->value, entry->key, entry->key_place});
  SectionReader(KeySection::kOwn, *block_, findings).check([](const std::string& key) {
    return find_key(KeySection::kTop, key) == nullptr
               ? std::string()
               : "`" + key + "` belongs to the top of the file";
  });
  for (const Entry& own : entry->value.entries) {
    const Entry* other = root.find(own.key);
    if (other == nullptr || find_key(KeySection::kOwn, own.key) == nullptr) continue;
    findings->add(Rule::kRepeatedKey, block_->at(own.key), own.key_place,
                  "`" + own.key + "` is given at the top and in `scopa`",
                  "first in line " + std::to_string(other->key_place.line),
                  "remove one of the two");
  }
}

const Section& OwnKeys::section_of(std::string_view key) const {
  return block_ && block_->find(key) != nullptr ? *block_ : root_;
}

void read_own_keys(const Section& root, const OwnKeys& own, SweepSpec* spec, Findings* findings) {
  const auto keys = [&](std::string_view key) {
    return SectionReader(KeySection::kOwn, own.section_of(key), findings);
  };
  if (const auto seed = keys("seed").integer("seed")) {
    spec->seed = static_cast<std::uint64_t>(*seed);
  }
  const auto on_nan = keys("on_nan").word("on_nan");
  if (on_nan == "fail") spec->on_nan = OnNan::kFail;
  if (on_nan == "ignore") spec->on_nan = OnNan::kIgnore;
  spec->max_trial_time = keys("max_trial_time").duration("max_trial_time");
  spec->max_steps = keys("max_steps").integer("max_steps");
  if (const auto grace = keys("grace").duration("grace")) spec->grace = *grace;
  if (const auto retries = keys("retries").integer("retries")) {
    spec->retries = static_cast<std::uint32_t>(*retries);
  }
  if (const auto replicates = keys("replicates").integer("replicates")) {
    spec->replicates = static_cast<std::uint32_t>(*replicates);
  }
  read_budget(root, own, spec, findings);
  read_bayes(own, spec, findings);
}

}  // namespace scopa::spec
