#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "broker/spec/parse.h"
#include "sdk/base/value.h"

/// Records of how another engine behaves, and what is needed to check ours against them. The
/// format is described in data/README.md; the folder comes from SCOPA_CONFORMANCE_DIR, default
/// tests/conformance/data.
namespace scopa::conformance {

/// Keeps the order of keys: the order of parameters is an order of the file.
using Json = nlohmann::ordered_json;

/// One record. The JSON values live as long as the run.
struct Record {
  std::string id;
  const Json& input;
  const Json& expected;
  bool oddity = false;
  std::string oddity_kind;
};

/// Empty: passed. Else why not, in one or several lines.
using Check = std::function<std::string(const Record&)>;

/// Runs `check` on every record of every file in the folder whose `area` is this one and prints per
/// file how many passed, failed and were skipped as oddities (and how many of those agree anyway),
/// with the id and the reason of each failure. To be returned from main: 0, 1 with failures, 77
/// where no file has the area. Arguments of the program: ids to run alone, oddities included.
int run_area(std::string_view area, const Check& check, int argc, char** argv);

/// The files of the folder that may hold records, by name.
std::vector<std::filesystem::path> record_files();

/// The number that `json` is, `{"$float": "nan"}` included; false where it is none. Booleans are no
/// numbers.
bool number_of(const Json& json, double* number);

/// A JSON value as a hyperparameter's value.
Value value_of(const Json& json);

/// Equal as the format asks: numbers within the tolerances (1 equals 1.0), all else exactly, keys
/// of objects in any order.
bool same(const Json& got, const Json& want, double rtol = 1e-9, double atol = 1e-12);

/// `json` as a value to compare.
Json json_of(const Value& value);

/// The text of a sweep file with this content.
std::string sweep_file(const Json& config);

/// A sweep of `method` with only this `parameters` section (and a metric `loss`).
spec::Parsed parse_parameters(const Json& parameters, std::string_view method = "random");

/// All findings in one text, for reasons.
std::string text_of(const spec::Parsed& parsed);

}  // namespace scopa::conformance
