#include "broker/spec/initial.h"

#include <cmath>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "sdk/base/limits.h"

namespace scopa::spec {
namespace {

// 1 and 1.0 are one value.
std::string key_of(const Value& value) { return canonical_text({{"", value}}); }

bool bounds_are_values(DistributionKind kind) {
  switch (kind) {
    case DistributionKind::kIntUniform:
    case DistributionKind::kUniform:
    case DistributionKind::kQUniform:
    case DistributionKind::kLogUniformValues:
    case DistributionKind::kQLogUniformValues:
    case DistributionKind::kInvLogUniformValues:
      return true;
    default:
      return false;
  }
}

class InitialReader {
 public:
  InitialReader(const SweepSpec& spec, Findings* findings)
      : parameters_(spec.parameters), findings_(findings) {
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      index_.emplace(parameters_[i].name, i);
      add_groups(parameters_[i].name);
    }
    for (const Derived& derived : spec.derived) {
      derived_.insert(derived.name);
      add_groups(derived.name);
    }
  }

  Params point(const Node& node, const std::string& path);

 private:
  struct Given {
    Place place;
    const Node* map;  // that names it
    Value value;
  };

  void group(const Node& node, const std::string& prefix, const std::string& path);
  void value(std::size_t i, const Node& map, const Entry& entry, const std::string& path);
  void add_groups(const std::string& name);
  std::string first_member(const std::string& group) const;
  void unknown(const std::string& name, const Entry& entry, const std::string& path);
  void check_value(const Parameter& parameter, const Node& node, const std::string& path);
  void check_number(const Parameter& parameter, const Node& node, const std::string& path);
  void add(const std::string& path, Place place, std::string message, std::string label,
           std::string help) {
    findings_->add(Rule::kInitial, path, place, std::move(message), std::move(label),
                   std::move(help));
  }

  const std::vector<Parameter>& parameters_;
  Findings* findings_;
  std::unordered_map<std::string, std::size_t> index_;
  std::unordered_set<std::string> derived_;
  std::unordered_set<std::string> groups_;
  std::unordered_map<const Parameter*, std::unordered_set<std::string>> values_;
  std::map<std::size_t, Given> given_;  // of the point at hand, by the parameter's index
  std::size_t guesses_ = 0;
};

void InitialReader::add_groups(const std::string& name) {
  for (std::size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1)) {
    groups_.insert(name.substr(0, dot));
  }
}

Params InitialReader::point(const Node& node, const std::string& path) {
  given_.clear();
  if (node.type != NodeType::kMap) {
    add_wrong_type(node, path, "a map from names to values", findings_, "write `- {lr: 0.01}`");
    return {};
  }
  if (node.entries.empty()) {
    findings_->add(Rule::kTooFew, path, node.place, "`" + path + "` is empty", {},
                   "give it at least one value, or remove it");
  }
  group(node, "", path);
  Params params;
  for (auto& [i, given] : given_) params.push_back({parameters_[i].name, std::move(given.value)});
  if (to_json(params).size() > limits::kParamsBytesMax) {
    findings_->add(
        Rule::kTooMany, path, node.place,
        "`" + path + "` has more than " + std::to_string(limits::kParamsBytesMax) + " bytes");
  }
  return params;
}

// A name that is both is the parameter: its values may be maps.
void InitialReader::group(const Node& node, const std::string& prefix, const std::string& path) {
  for (const Entry& entry : node.entries) {
    const std::string name = join(prefix, entry.key);
    const std::string own = join(path, entry.key);
    if (const auto found = index_.find(name); found != index_.end()) {
      value(found->second, node, entry, own);
    } else if (derived_.contains(name)) {
      add(own, entry.key_place, "`" + name + "` follows from its `expr`", {},
          "remove it: the trial gets the value that the others give");
    } else if (!groups_.contains(name)) {
      unknown(name, entry, own);
    } else if (entry.value.type == NodeType::kMap) {
      group(entry.value, name, own);
    } else {
      add(own, entry.value.place, "`" + name + "` is a group of parameters",
          "this is " + std::string(name_of(entry.value.type)),
          "name its parameters, as in `" + first_member(name) + "`");
    }
  }
}

void InitialReader::unknown(const std::string& name, const Entry& entry, const std::string& path) {
  // A guess looks at every parameter; a file of wrong names must not make that quadratic.
  std::string help;
  if (++guesses_ <= limits::kSpecFindingsMax) {
    std::vector<std::string_view> names;
    for (const Parameter& parameter : parameters_) names.push_back(parameter.name);
    help = did_you_mean(name, names);
  }
  if (help.empty()) help = "name a parameter of this file";
  add(path, entry.key_place, "there is no parameter `" + name + "`", {}, std::move(help));
}

std::string InitialReader::first_member(const std::string& group) const {
  for (const Parameter& parameter : parameters_) {
    if (parameter.name.starts_with(group + '.')) return parameter.name;
  }
  return group;
}

void InitialReader::value(std::size_t i, const Node& map, const Entry& entry,
                          const std::string& path) {
  const Parameter& parameter = parameters_[i];
  const auto [first, is_new] =
      given_.try_emplace(i, Given{entry.key_place, &map, value_of(entry.value)});
  if (is_new) {
    check_value(parameter, entry.value, path);
  } else if (first->second.map != &map) {  // within one map it has been reported
    add(path, entry.key_place, "`" + parameter.name + "` is given twice",
        "first in line " + std::to_string(first->second.place.line), "remove one of the two");
  }
}

void InitialReader::check_value(const Parameter& parameter, const Node& node,
                                const std::string& path) {
  const Distribution& d = parameter.distribution;
  if (!has_categories(d.kind)) {
    check_number(parameter, node, path);
    return;
  }
  if (d.values.empty()) return;  // the parameter's own fault, reported there
  std::unordered_set<std::string>& values = values_[&parameter];
  if (values.empty()) {
    for (const Value& value : d.values) values.insert(key_of(value));
  }
  const Value given = value_of(node);
  // Unquoted, text such as 3.10 or true looks like another type.
  if (values.contains(key_of(given)) || values.contains(key_of(node.text))) return;
  constexpr std::size_t kShown = 8;
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < d.values.size() && i < kShown; ++i) {
    texts.push_back(to_text(d.values[i]));
  }
  const std::vector<std::string_view> words(texts.begin(), texts.end());
  add(path, node.place, "`" + parameter.name + "` is never `" + to_text(given) + "`", {},
      "it can be " + one_of(words) + (d.values.size() > kShown ? " and others" : ""));
}

void InitialReader::check_number(const Parameter& parameter, const Node& node,
                                 const std::string& path) {
  if (node.is_too_large) return;  // which has been said
  if (!node.is_number() || !std::isfinite(node.number())) {
    add(path, node.place, "`" + parameter.name + "` is a number",
        "this is " + (node.is_number() ? "not finite" : std::string(name_of(node.type))), {});
    return;
  }
  const Distribution& d = parameter.distribution;
  if (!bounds_are_values(d.kind) || (node.number() >= d.min && node.number() <= d.max)) return;
  add(path, node.place,
      "`" + parameter.name + "` lies between " + to_json(Value(d.min)) + " and " +
          to_json(Value(d.max)),
      {}, "widen its range, or choose a value inside it");
}

}  // namespace

std::vector<Params> read_initial(const Node& node, const std::string& path, const SweepSpec& spec,
                                 Findings* findings) {
  std::vector<Params> points;
  if (node.type != NodeType::kList) {
    add_wrong_type(node, path, "a list of configurations", findings,
                   "write `" + path + ": [{lr: 0.01}]`, or begin each with `-`");
    return points;
  }
  if (node.items.size() > limits::kInitialPointsMax) {
    findings->add(Rule::kTooMany, path, node.place,
                  "`" + path + "` has more than " + std::to_string(limits::kInitialPointsMax) +
                      " configurations");
    return points;
  }
  InitialReader reader(spec, findings);
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    points.push_back(reader.point(node.items[i], join(path, i)));
  }
  return points;
}

}  // namespace scopa::spec
