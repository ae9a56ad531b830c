#include "tests/conformance/records.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

namespace scopa::conformance {
namespace {

struct Counts {
  int passed = 0, failed = 0, skipped = 0, skipped_agree = 0;
};

std::filesystem::path data_folder() {
  const char* folder = std::getenv("SCOPA_CONFORMANCE_DIR");
  return folder != nullptr && *folder != '\0' ? folder : SCOPA_CONFORMANCE_DEFAULT;
}

void run_record(const Json& json, const Check& check, bool with_oddities, Counts* counts) {
  const Record record{json.value("id", "?"), json.at("input"), json.at("expected"),
                      json.value("oddity", false), json.value("oddity_kind", "")};
  std::string why;
  try {
    why = check(record);
  } catch (const std::exception& error) {
    why = std::string("the record is not as the runner expects: ") + error.what();
  }
  if (record.oddity && !with_oddities) {
    ++counts->skipped;
    counts->skipped_agree += why.empty() ? 1 : 0;
  } else if (why.empty()) {
    ++counts->passed;
  } else {
    ++counts->failed;
    std::printf("FAILED %s\n  %s\n", record.id.c_str(), why.c_str());
  }
}

Counts run_file(const Json& file, const Check& check, const std::vector<std::string>& only) {
  Counts counts;
  for (const Json& json : file.at("records")) {
    const bool wanted =
        only.empty() || std::find(only.begin(), only.end(), json.value("id", "")) != only.end();
    if (wanted) run_record(json, check, !only.empty(), &counts);
  }
  return counts;
}

double float_named(const std::string& name) {
  if (name == "inf") return std::numeric_limits<double>::infinity();
  if (name == "-inf") return -std::numeric_limits<double>::infinity();
  return std::numeric_limits<double>::quiet_NaN();
}

bool is_float_object(const Json& json) { return json.is_object() && json.contains("$float"); }

void append_yaml(const Json& json, std::string* text) {
  if (is_float_object(json)) {
    const double number = float_named(json.at("$float").get<std::string>());
    *text += std::isnan(number) ? ".nan" : number > 0 ? ".inf" : "-.inf";
  } else if (json.is_array()) {
    *text += '[';
    for (const Json& item : json) {
      if (text->back() != '[') *text += ", ";
      append_yaml(item, text);
    }
    *text += ']';
  } else if (json.is_object()) {
    *text += '{';
    for (const auto& [key, value] : json.items()) {
      if (text->back() != '{') *text += ", ";
      *text += Json(key).dump() + ": ";
      append_yaml(value, text);
    }
    *text += '}';
  } else {
    *text += json.dump();
  }
}

}  // namespace

std::vector<std::filesystem::path> record_files() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(data_folder())) {
    if (entry.path().extension() == ".json") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

int run_area(std::string_view area, const Check& check, int argc, char** argv) try {
  const std::vector<std::string> only(argv + 1, argv + argc);
  int files = 0;
  int failed = 0;
  for (const std::filesystem::path& path : record_files()) {
    std::ifstream stream(path);
    const Json file = Json::parse(stream);
    if (!file.is_object() || file.value("area", "") != area) continue;
    const Counts counts = run_file(file, check, only);
    std::printf("%s: %d passed, %d failed, %d skipped as oddities (%d of them agree anyway)\n",
                path.filename().c_str(), counts.passed, counts.failed, counts.skipped,
                counts.skipped_agree);
    ++files;
    failed += counts.failed;
  }
  if (files > 0) return failed > 0 ? 1 : 0;
  std::printf("skipped: no file of area \"%.*s\" in %s\n", static_cast<int>(area.size()),
              area.data(), data_folder().c_str());
  return 77;
} catch (const std::exception& error) {
  std::printf("cannot read the records: %s\n", error.what());
  return 1;
}

bool number_of(const Json& json, double* number) {
  if (is_float_object(json)) {
    *number = float_named(json.at("$float").get<std::string>());
    return true;
  }
  if (!json.is_number()) return false;
  *number = json.get<double>();
  return true;
}

Value value_of(const Json& json) {
  if (json.is_null()) return std::monostate{};
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_string()) return json.get<std::string>();
  if (json.is_number_integer()) return json.get<std::int64_t>();
  double number = 0;
  if (number_of(json, &number)) return number;
  return Composite{nlohmann::json(json).dump()};
}

Json json_of(const Value& value) {
  if (const double* number = std::get_if<double>(&value)) {
    if (std::isnan(*number)) return {{"$float", "nan"}};
    if (std::isinf(*number)) return {{"$float", *number > 0 ? "inf" : "-inf"}};
  }
  return Json::parse(to_json(value));
}

bool same(const Json& got, const Json& want, double rtol, double atol) {
  double a = 0;
  double b = 0;
  if (number_of(got, &a) && number_of(want, &b)) {
    if (got.is_number_integer() && want.is_number_integer()) return got == want;
    return (std::isnan(a) && std::isnan(b)) || a == b ||
           std::abs(a - b) <= atol + rtol * std::abs(b);
  }
  if (got.is_array() && want.is_array()) {
    return std::equal(got.begin(), got.end(), want.begin(), want.end(),
                      [&](const Json& x, const Json& y) { return same(x, y, rtol, atol); });
  }
  if (got.is_object() && want.is_object()) {
    if (got.size() != want.size()) return false;
    return std::all_of(got.items().begin(), got.items().end(), [&](const auto& item) {
      return want.contains(item.key()) && same(item.value(), want.at(item.key()), rtol, atol);
    });
  }
  return got == want;
}

std::string sweep_file(const Json& config) {
  std::string text;
  append_yaml(config, &text);
  return text;
}

spec::Parsed parse_parameters(const Json& parameters, std::string_view method) {
  return spec::parse(sweep_file({{"method", std::string(method)},
                                 {"metric", {{"name", "loss"}}},
                                 {"parameters", parameters}}));
}

std::string text_of(const spec::Parsed& parsed) {
  std::string text;
  for (const spec::Diagnostic& d : parsed.diagnostics) {
    text += (text.empty() ? "" : "\n  ") + d.code + " at " + d.path + ": " + d.message;
  }
  return text.empty() ? "no findings" : text;
}

}  // namespace scopa::conformance
