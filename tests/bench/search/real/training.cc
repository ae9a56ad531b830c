#include "tests/bench/search/real/training.h"

namespace scopa::bench {

using Json = nlohmann::ordered_json;

double Config::number(const std::string& name) const {
  double x = 0;
  const Value* value = find_param(params_, name);
  return value != nullptr && as_number(*value, &x) ? x : 0;
}

std::string Config::text(const std::string& name) const {
  const Value* value = find_param(params_, name);
  return value == nullptr ? "" : to_text(*value);
}

Json real_range(double min, double max) { return {{"min", min}, {"max", max}}; }
Json log_range(double min, double max) {
  return {{"distribution", "log_uniform_values"}, {"min", min}, {"max", max}};
}
Json int_range(int min, int max) { return {{"min", min}, {"max", max}}; }
Json log_int_range(int min, int max) {
  return {{"distribution", "q_log_uniform_values"}, {"q", 1}, {"min", min}, {"max", max}};
}
Json one_of(std::vector<Json> values) { return {{"values", std::move(values)}}; }
Json active_if(const std::string& param, const std::string& parent, std::vector<Json> values) {
  return {{"param", param}, {"parent", parent}, {"values", std::move(values)}};
}

}  // namespace scopa::bench
