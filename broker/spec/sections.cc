#include "broker/spec/sections.h"

#include "broker/spec/metric_section.h"
#include "broker/spec/section_reader.h"

namespace scopa::spec {

void check_controller(const Entry& entry, Findings* findings) {
  if (entry.value.type != NodeType::kMap) {
    add_wrong_type(entry.value, entry.key, "a map", findings, "Scopa ignores it: remove it");
    return;
  }
  const Section section{entry.value, entry.key, entry.key_place};
  const SectionReader keys(KeySection::kController, section, findings);
  keys.check();
  (void)keys.word("type");
}

void check_scheduler(const Section& root, const Entry& entry, Findings* findings) {
  if (entry.value.type != NodeType::kMap) {
    add_wrong_type(entry.value, entry.key, "a map", findings,
                   "Scopa searches by itself: remove it");
    return;
  }
  const Section section{entry.value, entry.key, entry.key_place};
  const SectionReader keys(KeySection::kScheduler, section, findings);
  // W&B Launch has keys of its own here, and then no `engine`.
  bool is_launch = false;
  for (const Entry& each : entry.value.entries) {
    if (find_key(KeySection::kScheduler, each.key) != nullptr) continue;
    warn_of_ignored_key(section, each, findings, "Scopa searches by itself: remove `scheduler`");
    is_launch = true;
  }
  if (!is_launch) keys.check_required();
  (void)keys.word("engine");
  for (const std::string_view key : {"source", "optimizer", "search_space"}) {
    (void)keys.text(key);
    if (key == "source" || !keys.has(key) || keys.has("source")) continue;
    findings->add(Rule::kMissingKey, section.at("source"), section.find(key)->key_place,
                  "`scheduler." + std::string(key) + "` needs `scheduler.source`");
  }
  if (const Entry* early = root.find("early_terminate")) {
    findings->add(Rule::kExclusiveKeys, early->key, early->key_place,
                  "`early_terminate` and `scheduler` exclude each other", {},
                  "Scopa searches by itself: remove `scheduler`");
  }
  const Entry* controller = root.find("controller");
  const Entry* type = controller ? controller->value.find("type") : nullptr;
  if (type != nullptr && type->value.text == "local") {
    findings->add(Rule::kExclusiveKeys, "controller.type", type->value.place,
                  "a local controller and `scheduler` exclude each other", {},
                  "Scopa needs neither: remove both");
  }
  findings->add(Rule::kIgnored, entry.key, entry.key_place,
                "`scheduler` is ignored: Scopa searches by itself", {}, "remove it");
}

void check_metrics(const Section& root, const Entry& entry, Findings* findings) {
  if (const Entry* metric = root.find("metric")) {
    findings->add(Rule::kExclusiveKeys, entry.key, entry.key_place,
                  "`metrics` and `metric` exclude each other",
                  "`metric` is in line " + std::to_string(metric->key_place.line),
                  "keep `metric`: Scopa optimises one");
  }
  const Entry* method = root.find("method");
  if (method != nullptr && method->value.text != "custom") {
    findings->add(Rule::kExclusiveKeys, entry.key, entry.key_place,
                  "a sweep optimises one metric: `metrics` is W&B's, for search code of your own",
                  {},
                  "write `metric: {name: ..., goal: ...}`; whatever else trials log is kept, too");
  }
  if (entry.value.type != NodeType::kList) {
    add_wrong_type(entry.value, entry.key, "a list", findings,
                   "write `metric: {name: ..., goal: ...}` for one metric");
    return;
  }
  if (entry.value.items.size() < 2) {
    findings->add(Rule::kTooFew, entry.key, entry.value.place, "`metrics` has less than two", {},
                  "write `metric: {name: ..., goal: ...}` for one metric");
  }
  for (std::size_t i = 0; i < entry.value.items.size(); ++i) {
    read_metric(entry.value.items[i], join(entry.key, i), entry.value.items[i].place, findings);
  }
}

}  // namespace scopa::spec
