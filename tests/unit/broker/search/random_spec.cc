#include "tests/unit/broker/search/random_spec.h"

#include <algorithm>
#include <array>
#include <set>
#include <sstream>

#include "broker/search/distribution.h"

namespace scopa::search::testing {
namespace {

std::string text_of(double x) { return to_json(Value(x)); }

}  // namespace

// ---- valid files --------------------------------------------------------------------------------

std::string SpecGenerator::text(const std::string& method, bool finite) {
  finite_ = finite || method == "grid";
  out_.clear();
  known_.clear();
  std::vector<std::string> blocks;
  const std::size_t count = 1 + below(finite_ ? 4 : 6);
  for (std::size_t i = 0; i < count; ++i) {
    out_.clear();
    if (chance(20)) {
      const std::string group = "g" + std::to_string(i);
      const std::string condition = chance(50) ? when() : "";
      out_ += "  " + group + ":\n";
      if (!condition.empty()) out_ += "    when: " + condition + "\n";
      out_ += "    parameters:\n";
      for (std::size_t k = 1 + below(2); k > 0; --k) parameter("      ", group + ".");
    } else {
      parameter("  ", "");
    }
    blocks.push_back(out_);
  }
  // What depends on others may stand above them.
  if (chance(40)) std::shuffle(blocks.begin(), blocks.end(), random_);
  std::string file = "method: " + method + "\nmetric: {name: loss, goal: minimize}\nparameters:\n";
  for (const std::string& block : blocks) file += block;
  if (chance(50)) {
    file += "constraints:\n";
    for (std::size_t k = 1 + below(2); k > 0; --k) {
      const std::string constraint = condition(known_);
      if (!constraint.empty()) file += "- \"" + constraint + "\"\n";
    }
    if (file.ends_with("constraints:\n")) file += "- \"p0 == p0\"\n";
  }
  return file;
}

void SpecGenerator::parameter(const std::string& indent, const std::string& group) {
  const std::string key = "p" + std::to_string(known_.size());
  Known known;
  known.name = group + key;
  const std::string condition = chance(35) ? when() : "";
  std::string body;
  if (!known_.empty() && chance(20)) body = derived(known_, &known);
  if (body.empty()) body = finite_ ? finite_distribution(&known) : distribution(&known);
  if (!condition.empty()) body += ", when: " + condition;
  out_ += indent + key + ": {" + body + "}\n";
  known_.push_back(known);
}

std::string SpecGenerator::finite_distribution(Known* known) {
  switch (below(4)) {
    case 0: {
      known->numeric = true;
      known->low = static_cast<double>(below(5));
      known->high = known->low + 1 + static_cast<double>(below(4));
      return "min: " + std::to_string(static_cast<int>(known->low)) +
             ", max: " + std::to_string(static_cast<int>(known->high));
    }
    case 1:
      known->numeric = true;
      known->high = 1;
      return "distribution: q_uniform, min: 0, max: 1, q: 0.25";
    case 2: {
      known->numeric = true;
      known->values = {"1", "2.5", "4"};
      known->low = 1;
      known->high = 4;
      return chance(20) ? (known->values = {"3"}, "value: 3") : "values: [1, 2.5, 4]";
    }
    default:
      known->values = {"red", "green", "blue"};
      if (chance(30)) {
        known->values = {"true", "false"};
        return "values: [true, false]";
      }
      return "values: [red, green, blue]";
  }
}

std::string SpecGenerator::range(Known* known, const std::string& kind, bool above_zero,
                                 bool quantised) {
  known->numeric = true;
  known->low =
      above_zero ? 0.001 * static_cast<double>(1 + below(100)) : static_cast<double>(below(10)) - 5;
  known->high = known->low + 0.5 + static_cast<double>(below(20));
  return "distribution: " + kind + ", min: " + text_of(known->low) +
         ", max: " + text_of(known->high) + (quantised ? chance(50) ? ", q: 0.5" : ", q: 2" : "");
}

std::string SpecGenerator::distribution(Known* known) {
  constexpr std::array<const char*, 6> kShapes = {"normal",   "log_normal",   "beta",
                                                  "q_normal", "q_log_normal", "q_beta"};
  switch (below(9)) {
    case 0:
    case 1:
      return finite_distribution(known);
    case 2:
      return range(known, "uniform", false, false);
    case 3:
      return range(known, "q_uniform", false, true);
    case 4:
      return range(known, chance(50) ? "log_uniform_values" : "inv_log_uniform_values", true,
                   false);
    case 5:
      return range(known, "q_log_uniform_values", true, true);
    case 6:
      known->numeric = true;
      known->high = 20;
      return std::string("distribution: ") +
             (chance(30)   ? "inv_log_uniform"
              : chance(50) ? "q_log_uniform"
                           : "log_uniform") +
             ", min: -2, max: 3";
    case 7:
      known->numeric = true;
      return std::string("distribution: ") + kShapes[below(kShapes.size())];
    default:
      known->values = {"red", "green"};
      return "values: [red, green], probabilities: [0.25, 0.75]";
  }
}

const SpecGenerator::Known* SpecGenerator::pick(const std::vector<Known>& known, bool numeric) {
  std::vector<const Known*> fitting;
  for (const Known& each : known) {
    if (each.numeric == numeric) fitting.push_back(&each);
  }
  return fitting.empty() ? nullptr : fitting[below(fitting.size())];
}

std::string SpecGenerator::number_of(const Known& known) {
  const double share = static_cast<double>(below(101)) / 100;
  return text_of(known.low + share * (known.high - known.low));
}

std::string SpecGenerator::derived(const std::vector<Known>& earlier, Known* known) {
  const Known* a = pick(earlier, true);
  if (a == nullptr) return "";
  const Known* b = pick(earlier, true);
  known->numeric = true;
  known->searched = false;
  known->low = -10;
  known->high = 10;
  const std::array<std::string, 8> forms = {
      a->name + " + " + b->name,
      a->name + " / " + b->name,  // absent where the divisor is 0
      "2 * " + a->name + " - " + b->name + " ** 2",
      "max(" + a->name + ", " + b->name + ", 1) // 2",
      "log(" + a->name + ")",
      "int(" + a->name + ") % 3",
      a->name + " if " + b->name + " > " + number_of(*b) + " else 0.5",
      "-" + a->name + " * 1e-3",
  };
  return "expr: \"" + forms[below(forms.size())] + "\"";
}

// A condition on what was made so far, or nothing.
std::string SpecGenerator::when() {
  std::vector<Known> listed;
  for (const Known& known : known_) {
    if (!known.values.empty()) listed.push_back(known);
  }
  if (!listed.empty() && chance(50)) {
    const Known& parent = listed[below(listed.size())];
    std::string values = parent.values[below(parent.values.size())];
    if (chance(40)) values = "[" + values + ", " + parent.values.front() + "]";
    return "{" + parent.name + ": " + values + "}";
  }
  std::string text = condition(known_);
  return text.empty() ? text : "\"" + text + "\"";
}

std::string SpecGenerator::condition(const std::vector<Known>& known) {
  const Known* number = pick(known, true);
  const Known* word = pick(known, false);
  if (number == nullptr && word == nullptr) return "";
  if (number == nullptr || (word != nullptr && chance(30))) {
    const std::string& value = word->values[below(word->values.size())];
    const std::array<std::string, 4> forms = {
        word->name + " == " + value, word->name + " != " + value,
        word->name + " not in [" + value + "]", "not " + word->name + " == " + value};
    return forms[below(forms.size())];
  }
  const Known* other = pick(known, true);
  // Parameters with a list of values take part only in what some value fulfils.
  const std::array<std::string, 5> forms = {
      number->name + " <= " + text_of(number->high),
      number->name + " + " + other->name + " < " + text_of(number->high + other->high),
      number->name + " != " + other->name + " or " + other->name + " > " + number_of(*other),
      number->name + " * " + other->name + " >= " + text_of(number->low * other->low) + " and " +
          number->name + " >= " + text_of(number->low),
      "not (" + number->name + " < " + number_of(*number) + " and " + other->name + " < " +
          number_of(*other) + ")",
  };
  return forms[below(forms.size())];
}

// ---- broken files -------------------------------------------------------------------------------

std::string SpecGenerator::mutated(std::string text) {
  constexpr std::array<const char*, 22> kWords = {
      "min", "max",    "values",      "value", "expr",  "when",         "parameters", "constraints",
      "q",   "method", "grid",        "[]",    "{}",    "null",         "-1",         "1e999",
      "p0",  "p1",     "p0 + p1 > 1", "\"\"",  "!x \"", "probabilities"};
  for (std::size_t edits = 1 + below(4); edits > 0 && !text.empty(); --edits) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line + "\n");
    if (lines.empty()) return text;
    std::string& line = lines[below(lines.size())];
    const std::size_t at = below(line.size());
    switch (below(7)) {
      case 0:
        line.clear();
        break;
      case 1:
        line += line;
        break;
      case 2:
        std::swap(line, lines[below(lines.size())]);
        break;
      case 3: {  // another word for one
        const std::size_t from = line.find_first_of("abcdefghijklmnopqrstuvwxyz0123456789", at);
        if (from == std::string::npos) break;
        const std::size_t to =
            line.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.", from);
        line.replace(from, to == std::string::npos ? 1 : to - from, kWords[below(kWords.size())]);
        break;
      }
      case 4:
        line.erase(at, 1 + below(6));
        break;
      case 5:
        line[at] = static_cast<char>(random_());
        break;
      default:
        line.insert(at, kWords[below(kWords.size())]);
    }
    text.clear();
    for (const std::string& each : lines) text += each;
  }
  return text;
}

// ---- what is right ------------------------------------------------------------------------------

namespace {

/// Parameters by their numbers in expressions.
using Values = std::vector<const Value*>;

const Value* look_up(const spec::SweepSpec& spec, const Values& values, const std::string& name) {
  for (std::size_t i = 0; i < spec.parameters.size(); ++i) {
    if (spec.parameters[i].name == name) return values[i];
  }
  return nullptr;
}

bool is_active(const spec::SweepSpec& spec, const std::vector<spec::Condition>& when,
               const std::vector<spec::Expression>& predicates, const Values& values) {
  for (const spec::Condition& condition : when) {
    const Value* parent = look_up(spec, values, condition.parent);
    if (parent == nullptr ||
        std::none_of(condition.values.begin(), condition.values.end(), [&](const Value& value) {
          return canonical_text(value) == canonical_text(*parent);
        })) {
      return false;
    }
  }
  return std::all_of(predicates.begin(), predicates.end(),
                     [&](const spec::Expression& predicate) { return predicate.holds(values); });
}

std::optional<Value> value_of(const spec::SweepSpec& spec, const spec::Derived& derived,
                              const Values& values) {
  if (!is_active(spec, derived.when, derived.predicates, values)) return std::nullopt;
  return derived.expression.evaluate(values);
}

const spec::Expression* violated(const spec::SweepSpec& spec, const Values& values) {
  for (const spec::Expression& constraint : spec.constraints) {
    const auto& parameters = constraint.parameters();
    const bool binds = std::all_of(parameters.begin(), parameters.end(),
                                   [&](std::size_t i) { return values[i] != nullptr; });
    if (binds && !constraint.holds(values)) return &constraint;
  }
  return nullptr;
}

Domain::Use use_of(const spec::SweepSpec& spec) {
  return spec.method == spec::Method::kGrid ? Domain::Use::kGrid : Domain::Use::kSampling;
}

}  // namespace

std::string fault_of(const spec::SweepSpec& spec, const Params& params) {
  const std::size_t searched = spec.parameters.size();
  Values values(searched + spec.derived.size(), nullptr);
  std::size_t found = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = find_param(
        params, i < searched ? spec.parameters[i].name : spec.derived[i - searched].name);
    found += values[i] != nullptr ? 1 : 0;
  }
  if (found != params.size()) return "a name that is unknown or given twice";
  for (std::size_t i = 0; i < searched; ++i) {
    const spec::Parameter& parameter = spec.parameters[i];
    const bool active = is_active(spec, parameter.when, parameter.predicates, values);
    if (active != (values[i] != nullptr)) {
      return parameter.name + (active ? " is missing" : " should be absent");
    }
    if (active && !Domain(parameter.distribution, use_of(spec)).unit_of(*values[i])) {
      return parameter.name + " is outside its distribution";
    }
  }
  for (std::size_t d = 0; d < spec.derived.size(); ++d) {
    const auto expected = value_of(spec, spec.derived[d], values);
    const Value* given = values[searched + d];
    if (expected.has_value() != (given != nullptr) || (expected && *expected != *given)) {
      return spec.derived[d].name + " is not what comes out";
    }
  }
  if (const auto* constraint = violated(spec, values)) return "violates " + constraint->text();
  return "";
}

std::optional<std::uint64_t> count_by_listing(const spec::SweepSpec& spec,
                                              std::uint64_t combinations_max) {
  const std::size_t searched = spec.parameters.size();
  std::vector<Domain> domains;
  std::uint64_t combinations = 1;
  for (const spec::Parameter& parameter : spec.parameters) {
    domains.emplace_back(parameter.distribution, use_of(spec));
    if (!domains.back().is_finite()) return std::nullopt;
    combinations *= domains.back().count();
    if (combinations > combinations_max) return std::nullopt;
  }
  std::set<std::string> found;
  for (std::uint64_t combination = 0; combination < combinations; ++combination) {
    std::vector<Value> chosen;
    std::uint64_t rest = combination;
    for (const Domain& domain : domains) {
      chosen.push_back(domain.at(rest % domain.count()));
      rest /= domain.count();
    }
    // Nothing depends on itself, so as many rounds as there are parameters settle all of them.
    Values values(searched + spec.derived.size(), nullptr);
    std::vector<std::optional<Value>> derived(spec.derived.size());
    for (std::size_t round = 0; round <= values.size(); ++round) {
      for (std::size_t i = 0; i < searched; ++i) {
        const spec::Parameter& parameter = spec.parameters[i];
        values[i] =
            is_active(spec, parameter.when, parameter.predicates, values) ? &chosen[i] : nullptr;
      }
      for (std::size_t d = 0; d < derived.size(); ++d) {
        derived[d] = value_of(spec, spec.derived[d], values);
        values[searched + d] = derived[d] ? &*derived[d] : nullptr;
      }
    }
    if (violated(spec, values) != nullptr) continue;
    Params params;
    for (std::size_t i = 0; i < searched; ++i) {
      if (values[i] != nullptr) params.push_back({spec.parameters[i].name, *values[i]});
    }
    found.insert(canonical_text(params));
  }
  return found.size();
}

}  // namespace scopa::search::testing
