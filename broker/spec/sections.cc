#include "broker/spec/sections.h"

#include <array>
#include <utility>

#include "sdk/base/command_macros.h"
#include "sdk/base/limits.h"

namespace scopa::spec {
namespace {

using Words = std::span<const std::string_view>;

constexpr std::array<std::string_view, 2> kGoals = {"minimize", "maximize"};
constexpr std::array<std::string_view, 3> kImputes = {"latest", "best", "worst"};
constexpr std::array<std::string_view, 4> kImputesRunning = {"latest", "best", "worst", "false"};

void add_missing(const Section& section, std::string_view key, Findings* findings,
                 std::string help) {
  findings->add(Rule::kMissingKey, section.at(key), section.place,
                "`" + section.path + "` has no `" + std::string(key) + "`", {}, std::move(help));
}

// 0 is a range fault, not a missing key.
void check_positive(const Section& section, std::string_view key, std::int64_t value,
                    Findings* findings) {
  if (value >= 1) return;
  findings->add(Rule::kOutOfRange, section.at(key), section.find(key)->value.place,
                "`" + section.at(key) + "` must be 1 or more");
}

void check_hyperband_forms(const Section& section, const Hyperband& hyperband, Findings* findings) {
  const bool min_iter = section.find("min_iter") != nullptr;
  const bool max_iter = section.find("max_iter") != nullptr;
  const bool s = section.find("s") != nullptr;
  if (!min_iter && !max_iter) {
    findings->add(Rule::kHyperbandForm, section.path, section.place,
                  "hyperband needs `min_iter`, or `max_iter` with `s`", {},
                  "for example `min_iter: 3`: trials are compared after 3, 9, 27 ... values");
  } else if (max_iter && !s) {
    findings->add(Rule::kHyperbandForm, section.at("s"), section.find("max_iter")->key_place,
                  "`max_iter` needs `s`, the number of rungs below it", {},
                  "add `s: 2`, or use `min_iter`");
  }
  if (hyperband.max_iter && hyperband.s && hyperband.eta > 1 && *hyperband.max_iter >= 1 &&
      static_cast<double>(*hyperband.max_iter) < hyperband.eta) {
    findings->add(
        Rule::kHyperbandForm, section.at("max_iter"), section.find("max_iter")->value.place,
        "`max_iter` is below `eta`, so there is no rung", {}, "raise `max_iter`, or lower `eta`");
  }
  if (max_iter && min_iter) {
    findings->add(Rule::kBothHyperbandForms, section.at("min_iter"),
                  section.find("min_iter")->key_place,
                  "`min_iter` is ignored, because `max_iter` is given", {}, "remove one of them");
  }
}

}  // namespace

std::optional<Metric> read_metric(const Node& node, const std::string& path, Place place,
                                  Findings* findings) {
  constexpr std::array<std::string_view, 5> kKeys = {"name", "goal", "target", "impute",
                                                     "impute_while_running"};
  if (node.type != NodeType::kMap) {
    add_wrong_type(node, path, "a map", findings,
                   node.type == NodeType::kText
                       ? "write `{name: " + node.text + ", goal: minimize}`"
                       : "write `{name: loss, goal: minimize}`");
    return std::nullopt;
  }
  const Section section{node, path, place};
  check_keys(section, kKeys, findings);
  Metric metric;
  const auto name = read_text(section, "name", findings);
  if (section.find("name") == nullptr) {
    add_missing(section, "name", findings, "name the metric that the trainer logs");
  } else if (name && name->size() > limits::kNameBytesMax) {
    findings->add(
        Rule::kTooMany, section.at("name"), section.find("name")->value.place,
        "the metric's name is longer than " + std::to_string(limits::kNameBytesMax) + " bytes");
  }
  metric.name = name.value_or("");
  if (read_word(section, "goal", kGoals, findings) == "maximize") metric.goal = Goal::kMaximize;
  metric.target = read_number(section, "target", findings);
  metric.impute = read_word(section, "impute", kImputes, findings).value_or(metric.impute);
  metric.impute_while_running =
      read_word(section, "impute_while_running", kImputesRunning, findings)
          .value_or(metric.impute_while_running);
  return metric;
}

std::optional<Hyperband> read_hyperband(const Entry& entry, Findings* findings) {
  constexpr std::array<std::string_view, 6> kKeys = {"type", "min_iter", "max_iter",
                                                     "s",    "eta",      "strict"};
  constexpr std::array<std::string_view, 1> kTypes = {"hyperband"};
  const Section section{entry.value, entry.key, entry.key_place};
  if (entry.value.type != NodeType::kMap) {
    add_wrong_type(entry.value, entry.key, "a map", findings,
                   "write `{type: hyperband, min_iter: 3}`");
    return std::nullopt;
  }
  check_keys(section, kKeys, findings);
  if (section.find("type") == nullptr) {
    add_missing(section, "type", findings, "add `type: hyperband`");
  }
  const bool known = read_word(section, "type", kTypes, findings).has_value();
  Hyperband hyperband;
  hyperband.min_iter = read_integer(section, "min_iter", findings);
  hyperband.max_iter = read_integer(section, "max_iter", findings);
  hyperband.s = read_integer(section, "s", findings);
  for (const auto& [key, value] :
       {std::pair{"min_iter", hyperband.min_iter}, std::pair{"max_iter", hyperband.max_iter},
        std::pair{"s", hyperband.s}}) {
    if (value) check_positive(section, key, *value, findings);
  }
  hyperband.eta = read_number(section, "eta", findings).value_or(hyperband.eta);
  if (!(hyperband.eta > 1)) {
    findings->add(Rule::kOutOfRange, section.at("eta"), section.find("eta")->value.place,
                  "`early_terminate.eta` must be above 1", {}, "3 keeps a third at every rung");
  }
  hyperband.strict = read_bool(section, "strict", findings).value_or(hyperband.strict);
  if (known || section.find("type") == nullptr) check_hyperband_forms(section, hyperband, findings);
  return hyperband;
}

std::vector<std::string> read_command(const Entry& entry, Findings* findings) {
  std::vector<std::string> command;
  if (entry.value.type != NodeType::kList) {
    add_wrong_type(entry.value, entry.key, "a list of arguments", findings,
                   "write `command: [\"${program}\", \"${args}\"]`");
    return command;
  }
  if (entry.value.items.size() > limits::kCommandPartsMax) {
    findings->add(
        Rule::kTooMany, entry.key, entry.value.place,
        "`command` has more than " + std::to_string(limits::kCommandPartsMax) + " arguments");
    return command;
  }
  for (std::size_t i = 0; i < entry.value.items.size(); ++i) {
    const Node& item = entry.value.items[i];
    const std::string path = join(entry.key, i);
    if (item.type == NodeType::kNull || item.type == NodeType::kList ||
        item.type == NodeType::kMap) {
      add_wrong_type(item, path, "text", findings, "each argument is text of its own");
      continue;
    }
    if (const Status status = check_command_part(item.text); !status) {
      findings->add(Rule::kUnknownMacro, path, item.place, status.message(), {}, status.help());
      continue;
    }
    command.push_back(item.text);
  }
  return command;
}

void check_controller(const Entry& entry, Findings* findings) {
  constexpr std::array<std::string_view, 2> kTypes = {"local", "cloud"};
  if (entry.value.type != NodeType::kMap) {
    add_wrong_type(entry.value, entry.key, "a map", findings, "Scopa ignores it: remove it");
    return;
  }
  const Section section{entry.value, entry.key, entry.key_place};
  read_word(section, "type", kTypes, findings);
  if (section.find("type") == nullptr) {
    add_missing(section, "type", findings, "Scopa ignores this section: remove it");
  }
}

void check_scheduler(const Section& root, const Entry& entry, Findings* findings) {
  constexpr std::array<std::string_view, 4> kKeys = {"engine", "source", "optimizer",
                                                     "search_space"};
  constexpr std::array<std::string_view, 1> kEngines = {"wandb"};
  if (entry.value.type != NodeType::kMap) {
    add_wrong_type(entry.value, entry.key, "a map", findings,
                   "Scopa searches by itself: remove it");
    return;
  }
  const Section section{entry.value, entry.key, entry.key_place};
  check_keys(section, kKeys, findings);
  if (section.find("engine") == nullptr) {
    add_missing(section, "engine", findings, "Scopa searches by itself: remove this section");
  }
  read_word(section, "engine", kEngines, findings);
  for (const std::string_view key : {"source", "optimizer", "search_space"}) {
    read_text(section, key, findings);
    if (key == "source" || !section.find(key) || section.find("source")) continue;
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
                  "a list of `metrics` needs `method: custom`", {},
                  "write `metric: {name: ..., goal: ...}`: Scopa optimises one");
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
