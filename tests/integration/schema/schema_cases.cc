// Prints what check_schema validates, as one JSON document: the schema; sweep files that the parser
// accepts (the examples of docs/spec.md and of the key table) and some that it refuses, as the
// parser reads them. Exit code 1 when the parser thinks otherwise of one.
//
//     scopa_schema_cases DOCS_FOLDER
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "broker/spec/json_schema.h"
#include "broker/spec/reading.h"
#include "tests/unit/broker/spec/key_example.h"

namespace scopa::spec {
namespace {

using Json = nlohmann::json;

const std::vector<std::string> kRefused = {
    "{method: random}",
    "{parameters: {a: {value: 1}}}",
    "{method: randomly, parameters: {a: {value: 1}}}",
    "{method: custom, parameters: {a: {value: 1}}}",
    "{method: bayes, parameters: {a: {value: 1}}}",
    "{method: random, parameters: {}}",
    "{method: random, parameters: {a: 1}}",
    "{method: random, parameters: {1a: {value: 1}}}",
    "{method: random, parameters: {a: {valu: 1}}}",
    "{method: random, parameters: {a: {min: 1}}}",
    "{method: random, parameters: {a: {values: []}}}",
    "{method: random, parameters: {a: {values: 3}}}",
    "{method: random, parameters: {a: {min: 0, max: 1, q: 1}}}",
    "{method: random, parameters: {a: {distribution: unifrom, min: 0, max: 1}}}",
    "{method: random, parameters: {a: {distribution: uniform, min: 0}}}",
    "{method: random, parameters: {a: {distribution: uniform, min: 0, max: 1, q: 1}}}",
    "{method: random, parameters: {a: {distribution: log_uniform_values, min: 0, max: 1}}}",
    "{method: random, parameters: {a: {distribution: beta, a: 0}}}",
    "{method: random, parameters: {a: {expr: '1', value: 1}}}",
    "{method: random, parameters: {a: {parameters: {b: {value: 1}}, value: 1}}}",
    "{method: random, parameters: {a: {parameters: {b: {vale: 1}}}}}",
    "{method: random, parameters: {a: {value: 1}}, metric: loss}",
    "{method: random, parameters: {a: {value: 1}}, metric: {goal: minimize}}",
    "{method: random, parameters: {a: {value: 1}}, metric: {name: a, goal: minimise}}",
    "{method: random, parameters: {a: {value: 1}}, metric: {name: a, reduce: mean}}",
    "{method: random, parameters: {a: {value: 1}}, metric: {name: a, reduce: mean(0)}}",
    "{method: random, parameters: {a: {value: 1}}, metric: {name: a, reduce: mean(1001)}}",
    "{method: random, parameters: {a: {value: 1}}, metric: {name: a, target: low}}",
    "{method: random, parameters: {a: {value: 1}}, run_cap: 0}",
    "{method: random, parameters: {a: {value: 1}}, run_cap: 2.5}",
    "{method: random, parameters: {a: {value: 1}}, runcap: 3}",
    "{method: random, parameters: {a: {value: 1}}, name: [a]}",
    "{method: random, parameters: {a: {value: 1}}, command: run}",
    "{method: random, parameters: {a: {value: 1}}, seed: -1}",
    "{method: random, parameters: {a: {value: 1}}, retries: 101}",
    "{method: random, parameters: {a: {value: 1}}, replicates: 0}",
    "{method: random, parameters: {a: {value: 1}}, on_nan: skip}",
    "{method: random, parameters: {a: {value: 1}}, max_trial_time: soon}",
    "{method: random, parameters: {a: {value: 1}}, max_trial_time: '90'}",
    "{method: random, parameters: {a: {value: 1}}, max_trial_time: 0}",
    "{method: random, parameters: {a: {value: 1}}, grace: 0}",
    "{method: random, parameters: {a: {value: 1}}, grace: 86401}",
    "{method: random, parameters: {a: {value: 1}}, grace: long}",
    "{method: random, parameters: {a: {value: 1}}, max_steps: 0}",
    "{method: random, parameters: {a: {value: 1}}, budget: {trial: 1}}",
    "{method: random, parameters: {a: {value: 1}}, budget: {device_hours: 0}}",
    "{method: random, parameters: {a: {value: 1}}, initial: {a: 1}}",
    "{method: random, parameters: {a: {value: 1}}, initial: [{}]}",
    "{method: random, parameters: {a: {value: 1}}, constraints: a < 1}",
    "{method: random, parameters: {a: {value: 1}}, scopa: {retry: 1}}",
    "{method: random, parameters: {a: {value: 1}}, scopa: {metric: {name: a}}}",
    "{method: random, parameters: {a: {value: 1}}, early_terminate: {type: median}}",
};

const std::vector<std::string> kDurations = {"90", "0.5",   "90s",        "30m",         "1.5h",
                                             "2d", "1h30m", "1d2h3m4.5s", "' 1 h 30 m '"};
const std::vector<std::string> kNoDurations = {"30m1h", "'1:30:00'", "-1h",   "1e3s", ".5h",
                                               "1.h",   "1h30",      "-1",    "4e8",  "[1]",
                                               "''",    "1hour",     "'1,5h'"};

const std::vector<std::string> kRefusedPruners = {
    "{}",
    "{min_iter: 3}",
    "{type: medain}",
    "{type: hyperband}",
    "{type: hyperband, max_iter: 9}",
    "{type: hyperband, min_iter: 0}",
    "{type: hyperband, min_iter: 3, strict: maybe}",
    "{type: asha, min_iter: 3}",
    "{type: asha, eta: 1}",
    "{type: asha, max_resource: 1}",
    "{type: median, percentile: 25}",
    "{type: median, interval: 0}",
    "{type: percentile, percentile: 100}",
    "{type: predictive}",  // without max_steps
    "{type: predictive, confidence: 1}",
    "{type: predictive, min_trials: 3}",
    "{type: patient, patience: 1, wraps: {type: predictive}}",
    "{type: threshold}",
    "{type: threshold, upper: high}",
    "{type: patient}",
    "{type: patient, patience: 1, wraps: {type: patient, patience: 1}}",
    "{type: patient, patience: 1, wraps: {type: asha, foo: 1}}",
};

std::vector<std::string> examples_of(const std::string& file) {
  std::ifstream stream(file);
  std::stringstream text;
  text << stream.rdbuf();
  const std::string doc = text.str();
  const std::string fence = "```yaml\n";
  std::vector<std::string> examples;
  for (std::size_t at = doc.find(fence); at != std::string::npos; at = doc.find(fence, at)) {
    at += fence.size();
    const std::size_t end = doc.find("```", at);
    examples.push_back(doc.substr(at, end - at));
    at = end;
  }
  return examples;
}

bool add(const std::string& text, bool accepted, Json* cases) {
  const bool ok = parse(text).ok();
  Findings findings;
  Node root;
  if (ok != accepted || !read_tree(text, &root, &findings)) {
    std::cerr << "the parser " << (ok ? "accepts" : "refuses") << " this:\n" << text << '\n';
    return false;
  }
  cases->push_back({{"text", text}, {"document", Json::parse(to_json(value_of(root)))}});
  return true;
}

int print_cases(const std::string& docs) {
  Json accepted = Json::array();
  Json refused = Json::array();
  bool good = true;
  const std::vector<std::string> examples = examples_of(docs + "/spec.md");
  good = !examples.empty();
  for (const std::string& example : examples) good = add(example, true, &accepted) && good;
  for (const KeyRow& row : key_table()) {
    if (row.use == Use::kRefused) continue;
    good = add(file_with_example(row), true, &accepted) && good;
  }
  for (const std::string& text : kRefused) good = add(text, false, &refused) && good;
  const auto with_duration = [](const std::string& duration) {
    return "{method: random, parameters: {a: {value: 1}}, max_trial_time: " + duration + "}";
  };
  for (const std::string& text : kDurations) {
    good = add(with_duration(text), true, &accepted) && good;
  }
  for (const std::string& text : kNoDurations) {
    good = add(with_duration(text), false, &refused) && good;
  }
  for (const std::string& pruner : kRefusedPruners) {
    good = add("{method: random, metric: {name: loss}, parameters: {a: {value: 1}}, "
               "early_terminate: " +
                   pruner + "}",
               false, &refused) &&
           good;
  }
  std::cout << Json{{"schema", Json::parse(json_schema())},
                    {"accepted", accepted},
                    {"refused", refused}}
                   .dump()
            << '\n';
  return good ? 0 : 1;
}

}  // namespace
}  // namespace scopa::spec

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: scopa_schema_cases DOCS_FOLDER\n";
    return 2;
  }
  return scopa::spec::print_cases(argv[1]);
}
