// Sweep configs and the verdicts of W&B's validator: schema.json.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "broker/spec/distributions.h"
#include "tests/conformance/records.h"

namespace scopa::conformance {
namespace {

using spec::Diagnostic;
using spec::Distribution;
using spec::Parsed;

// W&B refuses a key that its schema has not, where its server takes the file all the same; Scopa
// takes it with this warning. No other warning stands for a refusal.
bool is_unknown_key(const Diagnostic& d) {
  return d.code == "S007" && d.severity == spec::Severity::kWarning;
}

bool is_refusal(const Diagnostic& d) {
  return d.severity == spec::Severity::kError || is_unknown_key(d);
}

bool is_refused(const Parsed& parsed) {
  return std::any_of(parsed.diagnostics.begin(), parsed.diagnostics.end(), is_refusal);
}

// A path of the records as our diagnostics write it: parameters.a.values[1].
std::string dotted(const Json& path) {
  std::string text;
  for (const Json& part : path) {
    if (part.is_number()) {
      text += '[' + std::to_string(part.get<int>()) + ']';
    } else {
      text += (text.empty() ? "" : ".") + part.get<std::string>();
    }
  }
  return text;
}

bool is_prefix(const std::string& prefix, const std::string& path) {
  if (prefix.empty() || prefix == path) return true;
  return path.starts_with(prefix) && (path[prefix.size()] == '.' || path[prefix.size()] == '[');
}

std::string check_errors(const Record& record, const Parsed& parsed) {
  std::set<std::string> expected;
  for (const Json& error : record.expected.at("errors")) expected.insert(dotted(error.at("path")));
  for (const Diagnostic& d : parsed.diagnostics) {
    if (!is_refusal(d)) continue;
    const bool known = std::any_of(expected.begin(), expected.end(), [&](const std::string& path) {
      return is_prefix(path, d.path);
    });
    if (!known) return "an error that the record has not, at `" + d.path + "`: " + d.message;
  }
  for (const std::string& path : expected) {
    const bool reported =
        std::any_of(parsed.diagnostics.begin(), parsed.diagnostics.end(),
                    [&](const Diagnostic& d) { return is_refusal(d) && is_prefix(path, d.path); });
    if (!reported) return "nothing reported at `" + path + "`; got\n  " + text_of(parsed);
  }
  return {};
}

// A leaf's distribution with its defaults, in the form of the sweep file.
Json config_of(const Distribution& d) {
  Json config = {{"distribution", std::string(spec::name_of(d.kind))}};
  const spec::DistributionRow& row = spec::row_of(d.kind);
  for (const spec::ParameterKeyRow& key : spec::parameter_key_table()) {
    if (((row.required | row.optional) & key.key) == 0) continue;
    Json& value = config[std::string(key.name)];
    switch (key.key) {
      case spec::kKeyValue:
        value = json_of(d.values.at(0));
        break;
      case spec::kKeyValues:
        value = Json::array();
        for (const Value& v : d.values) value.push_back(json_of(v));
        break;
      case spec::kKeyProbabilities:
        value = d.probabilities;
        break;
      case spec::kKeyMin:
        value = d.min;
        break;
      case spec::kKeyMax:
        value = d.max;
        break;
      case spec::kKeyQ:
        value = d.q_is_integer ? Json(static_cast<std::int64_t>(d.q)) : Json(d.q);
        break;
      case spec::kKeyMu:
        value = d.mu;
        break;
      case spec::kKeySigma:
        value = d.sigma;
        break;
      case spec::kKeyA:
        value = d.a;
        break;
      case spec::kKeyB:
        value = d.b;
        break;
    }
  }
  return config;
}

std::string check_leaves(const Json& leaves, const Parsed& parsed) {
  const auto& parameters = parsed.spec.parameters;
  if (leaves.size() != parameters.size()) {
    return "expected " + std::to_string(leaves.size()) + " leaves, got " +
           std::to_string(parameters.size());
  }
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    const Json got = {{"path", parameters[i].path},
                      {"distribution", std::string(spec::name_of(parameters[i].distribution.kind))},
                      {"config", config_of(parameters[i].distribution)}};
    if (!same(got, leaves[i])) return "leaf " + got.dump() + "\n  is not " + leaves[i].dump();
  }
  return {};
}

std::string check_early_terminate(const Json& want, const Parsed& parsed) {
  if (!parsed.spec.pruner) return "no hyperband";
  const auto& h = std::get<spec::Hyperband>(parsed.spec.pruner->kind);
  Json got = {{"type", "hyperband"}, {"eta", h.eta}, {"strict", h.strict}};
  if (h.min_iter) got["min_iter"] = *h.min_iter;
  if (h.max_iter) got["max_iter"] = *h.max_iter;
  if (h.s) got["s"] = *h.s;
  return same(got, want) ? "" : "hyperband " + got.dump() + "\n  is not " + want.dump();
}

std::string check_validate(const Record& record) {
  const Parsed parsed = spec::parse(sweep_file(record.input.at("config")));
  const Json& expected = record.expected;
  const bool valid = expected.at("valid").get<bool>();
  if (is_refused(parsed) == valid) {
    return std::string(valid ? "should be valid" : "should be refused") + "; got\n  " +
           text_of(parsed);
  }
  if (!valid) return check_errors(record, parsed);
  if (expected.contains("leaves")) {
    const std::string why = check_leaves(expected.at("leaves"), parsed);
    if (!why.empty()) return why;
  }
  if (expected.contains("early_terminate")) {
    return check_early_terminate(expected.at("early_terminate"), parsed);
  }
  return {};
}

// What cannot be asked for a run is refused when it is read.
std::string check_next_run(const Record& record) {
  const Parsed parsed = spec::parse(sweep_file(record.input.at("config")));
  const bool runs = record.expected.at("next_run") == "ok";
  if (parsed.ok() == runs) return {};
  return std::string(runs ? "should run" : "should be refused") + "; got\n  " + text_of(parsed);
}

Json with_metric(const Json& metric) {
  return {{"method", "random"}, {"parameters", {{"a", {{"value", 1}}}}}, {"metric", metric}};
}

std::string check_filled(const Json& metric, const Json& want) {
  const Parsed parsed = spec::parse(sweep_file(with_metric(metric)));
  if (!parsed.ok() || !parsed.spec.metric) return "refused: " + text_of(parsed);
  const spec::Metric& m = *parsed.spec.metric;
  Json got = {{"name", m.name},
              {"goal", std::string(name_of(m.goal))},
              {"impute", m.impute},
              {"impute_while_running", m.impute_while_running}};
  if (m.target) got["target"] = *m.target;
  return same(got, want) ? "" : "metric " + got.dump() + "\n  is not " + want.dump();
}

std::string check_fill_metric(const Record& record) {
  const Json& metric = record.input.at("metric");
  if (record.expected.contains("filled")) return check_filled(metric, record.expected.at("filled"));
  return spec::parse(sweep_file(with_metric(metric))).ok() ? "should be refused" : "";
}

// Scopa optimises one metric; the items of a list are read as that one is.
std::string check_fill_metrics(const Record& record) {
  const Json& metrics = record.input.at("metrics");
  if (record.expected.contains("error")) {
    Json config = with_metric({{"name", "loss"}});
    config.erase("metric");
    config["metrics"] = metrics;
    return spec::parse(sweep_file(config)).ok() ? "should be refused" : "";
  }
  const Json& filled = record.expected.at("filled");
  if (metrics.size() != filled.size()) return "the record's lists differ in length";
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    if (const std::string why = check_filled(metrics[i], filled[i]); !why.empty()) return why;
  }
  return {};
}

std::string check(const Record& record) {
  const std::string kind = record.input.at("kind");
  if (kind == "validate") return check_validate(record);
  if (kind == "next_run") return check_next_run(record);
  if (kind == "fill_metric") return check_fill_metric(record);
  if (kind == "fill_metrics") return check_fill_metrics(record);
  return "unknown kind " + kind;
}

}  // namespace
}  // namespace scopa::conformance

int main(int argc, char** argv) {
  return scopa::conformance::run_area("schema", scopa::conformance::check, argc, argv);
}
