// Inverse CDFs and CDFs of every distribution: sampling.json.
#include <cmath>
#include <nlohmann/json.hpp>

#include "broker/search/distribution.h"
#include "tests/conformance/records.h"

namespace scopa::conformance {
namespace {

using search::Domain;

double number_at(const Json& json) {
  double number = 0;
  number_of(json, &number);
  return number;
}

std::string at_quantile(double u, const Json& got, const Json& want) {
  return "at " + Json(u).dump() + ": " + got.dump() + " is not " + want.dump();
}

// Where q is a whole number in W&B's spelling of a float (1.0), Scopa gives integers:
// docs/compatibility.md says so.
bool has_type(const Value& value, const std::string& type, bool whole_steps) {
  if (type == "int" || (type == "float" && whole_steps)) {
    return std::holds_alternative<std::int64_t>(value);
  }
  return type != "float" || std::holds_alternative<double>(value);
}

bool has_whole_steps(const spec::Distribution& d) {
  return spec::name_of(d.kind).starts_with("q_") && d.q == std::floor(d.q);
}

std::string check_ppf(const Domain& domain, const Record& record) {
  const Json& u = record.input.at("u");
  if (record.expected.contains("error")) {
    return search::ppf(domain, number_at(u.at(0))) ? "should be refused" : "";
  }
  const Json& values = record.expected.at("values");
  const std::string type = record.expected.value("value_type", "value");
  const bool exact = record.expected.at("compare") == "exact";
  const double rtol = exact ? 0 : record.expected.at("rtol").get<double>();
  const double atol = exact ? 0 : record.expected.at("atol").get<double>();
  for (std::size_t i = 0; i < u.size(); ++i) {
    const auto value = search::ppf(domain, number_at(u[i]));
    if (!value) return value.status().to_string();
    if (!same(json_of(*value), values.at(i), rtol, atol)) {
      return at_quantile(number_at(u[i]), json_of(*value), values[i]);
    }
    if (!has_type(*value, type, has_whole_steps(domain.distribution()))) {
      return json_of(*value).dump() + " is no " + type;
    }
  }
  return {};
}

std::string check_cdf(const Domain& domain, const Record& record) {
  const Json& x = record.input.at("x");
  const Json& cdf = record.expected.at("cdf");
  for (std::size_t i = 0; i < x.size(); ++i) {
    const Json got = domain.cdf(number_at(x[i]));
    if (!same(got, cdf.at(i), record.expected.at("rtol"), record.expected.at("atol"))) {
      return at_quantile(number_at(x[i]), got, cdf[i]);
    }
  }
  return {};
}

std::string check(const Record& record) {
  const spec::Parsed parsed = parse_parameters({{"x", record.input.at("param")}});
  if (!parsed.ok()) return "refused: " + text_of(parsed);
  const spec::Distribution& distribution = parsed.spec.parameters.at(0).distribution;
  if (record.expected.contains("distribution") &&
      record.expected.at("distribution") != std::string(spec::name_of(distribution.kind))) {
    return "is a " + std::string(spec::name_of(distribution.kind));
  }
  const Domain domain(distribution);
  const std::string kind = record.input.at("kind");
  if (kind == "ppf" || kind == "ppf_vector") return check_ppf(domain, record);
  if (kind == "cdf") return check_cdf(domain, record);
  return "unknown kind " + kind;
}

}  // namespace
}  // namespace scopa::conformance

int main(int argc, char** argv) {
  return scopa::conformance::run_area("sampling", scopa::conformance::check, argc, argv);
}
