#include "broker/spec/parse.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "broker/spec/constraints.h"
#include "broker/spec/distributions.h"
#include "broker/spec/parameters.h"
#include "broker/spec/reading.h"
#include "broker/spec/sections.h"
#include "sdk/base/limits.h"

namespace scopa::spec {
namespace {

constexpr std::array<std::string_view, 4> kMethods = {"bayes", "grid", "random", "custom"};

constexpr std::array<std::string_view, 20> kTopKeys = {
    "method",    "metric", "parameters", "early_terminate", "command", "program",     "run_cap",
    "seed",      "name",   "project",    "description",     "entity",  "metrics",     "controller",
    "scheduler", "job",    "image_uri",  "apiVersion",      "kind",    "constraints",
};

class FileReader {
 public:
  FileReader(const Node& root, Findings* findings) : root_{root, "", {1, 1}}, findings_(findings) {
    root_.place = root.place;
  }

  SweepSpec read();

 private:
  void read_method();
  void read_texts();
  void read_numbers();
  void read_parameter_section();
  void check_what_the_method_can();
  void check_grid(const ReadParameter& read);
  std::string short_text(std::string_view key);

  Section root_;
  Findings* findings_;
  SweepSpec spec_;
  bool custom_ = false;
  bool method_known_ = false;
};

SweepSpec FileReader::read() {
  check_keys(root_, kTopKeys, findings_);
  read_method();
  read_texts();
  read_numbers();
  if (const Entry* metric = root_.find("metric")) {
    spec_.metric = read_metric(metric->value, "metric", metric->key_place, findings_);
  }
  if (const Entry* metrics = root_.find("metrics")) check_metrics(root_, *metrics, findings_);
  if (const Entry* early = root_.find("early_terminate")) {
    if (const auto hyperband = read_hyperband(*early, findings_)) spec_.pruner = {*hyperband};
  }
  if (const Entry* command = root_.find("command")) {
    spec_.command = read_command(*command, findings_);
  }
  if (const Entry* controller = root_.find("controller")) check_controller(*controller, findings_);
  if (const Entry* scheduler = root_.find("scheduler")) {
    check_scheduler(root_, *scheduler, findings_);
  }
  read_parameter_section();
  if (const Entry* constraints = root_.find("constraints")) {
    spec_.constraints = read_constraints(*constraints, "constraints", spec_, findings_);
  }
  check_what_the_method_can();
  return std::move(spec_);
}

void FileReader::read_method() {
  const auto method = read_word(root_, "method", kMethods, findings_);
  if (root_.find("method") == nullptr) {
    findings_->add(Rule::kMissingKey, "method", root_.place, "the sweep has no `method`", {},
                   "add `method: bayes`, `method: random` or `method: grid`");
  }
  if (!method) return;
  method_known_ = true;
  custom_ = *method == "custom";
  spec_.method = *method == "grid"    ? Method::kGrid
                 : *method == "bayes" ? Method::kBayes
                                      : Method::kRandom;
}

std::string FileReader::short_text(std::string_view key) {
  std::string text = read_text(root_, key, findings_).value_or("");
  if (text.size() > limits::kNameBytesMax) {
    findings_->add(Rule::kTooMany, std::string(key), root_.find(key)->value.place,
                   "`" + std::string(key) + "` is longer than " +
                       std::to_string(limits::kNameBytesMax) + " bytes");
  }
  return text;
}

void FileReader::read_texts() {
  constexpr std::array<std::string_view, 1> kKinds = {"sweep"};
  spec_.name = short_text("name");
  spec_.project = short_text("project");
  spec_.description = read_text(root_, "description", findings_).value_or("");
  spec_.program = read_text(root_, "program", findings_).value_or("");
  for (const std::string_view ignored : {"entity", "job", "image_uri", "apiVersion"}) {
    (void)read_text(root_, ignored, findings_);
  }
  (void)read_word(root_, "kind", kKinds, findings_);
}

void FileReader::read_numbers() {
  if (const auto cap = read_integer(root_, "run_cap", findings_)) {
    if (*cap < 1) {
      findings_->add(Rule::kOutOfRange, "run_cap", root_.find("run_cap")->value.place,
                     "`run_cap` must be 1 or more", {}, "without `run_cap` there is no cap");
    }
    spec_.run_cap = static_cast<std::uint64_t>(std::max<std::int64_t>(*cap, 0));
  }
  if (const auto seed = read_integer(root_, "seed", findings_)) {
    if (*seed < 0) {
      findings_->add(Rule::kOutOfRange, "seed", root_.find("seed")->value.place,
                     "`seed` must be 0 or more");
    }
    spec_.seed = static_cast<std::uint64_t>(*seed);
  }
}

void FileReader::read_parameter_section() {
  const Entry* section = root_.find("parameters");
  if (section == nullptr) {
    findings_->add(Rule::kMissingKey, "parameters", root_.place, "the sweep has no `parameters`",
                   {}, "add `parameters:` with at least one of them");
    return;
  }
  std::vector<ReadParameter> read = read_parameters(section->value, section->key_place, findings_);
  if (method_known_ && spec_.method == Method::kGrid) {
    for (const ReadParameter& parameter : read) check_grid(parameter);
  }
  ResolvedParameters resolved = resolve_parameters(std::move(read), findings_);
  spec_.parameters = std::move(resolved.parameters);
  spec_.derived = std::move(resolved.derived);
}

void FileReader::check_grid(const ReadParameter& read) {
  const Distribution& d = read.parameter.distribution;
  std::string path;
  for (const std::string& name : read.parameter.path) path = join(join(path, "parameters"), name);
  const std::string is = "`" + read.parameter.name + "` is `" + std::string(name_of(d.kind)) + "`";
  switch (d.kind) {
    case DistributionKind::kConstant:
    case DistributionKind::kCategorical:
    case DistributionKind::kIntUniform:
      return;
    case DistributionKind::kQUniform: {
      const double steps = (d.max - d.min) / d.q;
      if (std::abs(steps - std::round(steps)) < 1e-9 * std::max(1.0, steps)) {
        findings_->add(Rule::kGridLeavesOutMax, path, read.place,
                       is + ": its grid stops below max, as W&B's does", {},
                       "raise `max` a little to have it tried, or list the `values`");
      }
      return;
    }
    case DistributionKind::kCategoricalWithWeights:
      findings_->add(Rule::kMethodCannot, path, read.place,
                     is + ", which a grid cannot take: it tries each value once", {},
                     "remove `probabilities`, or use `method: random`");
      return;
    default:
      findings_->add(Rule::kMethodCannot, path, read.place,
                     is + ", which has no finite list of values for a grid", {},
                     "list the `values`, use `q_uniform` with a step `q`, or `method: random`");
  }
}

// What W&B's validator lets through and its search then refuses, or what Scopa has not.
void FileReader::check_what_the_method_can() {
  const Entry* method = root_.find("method");
  const bool has_metric = root_.find("metric") != nullptr || root_.find("metrics") != nullptr;
  if (method_known_ && spec_.method == Method::kBayes && !has_metric) {
    findings_->add(Rule::kMethodCannot, "metric", method->key_place,
                   "`method: bayes` needs a `metric` to learn from", {},
                   "add `metric: {name: ..., goal: minimize}`");
  }
  const Entry* early = root_.find("early_terminate");
  if (early != nullptr && !has_metric) {
    findings_->add(Rule::kMethodCannot, "early_terminate", early->key_place,
                   "`early_terminate` needs a `metric` to compare trials by", {},
                   "add `metric: {name: ..., goal: minimize}`");
  }
  // Said last: while `metrics` or `scheduler` are wrong in themselves, that is what helps.
  if (custom_ && (root_.find("scheduler") != nullptr || !findings_->has_errors())) {
    findings_->add(Rule::kMethodCannot, "method", method->value.place,
                   "`method: custom` is search code of your own, which Scopa does not run", {},
                   "use `bayes`, `random` or `grid`");
  }
}

}  // namespace

std::span<const std::string_view> top_keys() { return kTopKeys; }

bool Parsed::ok() const {
  return std::none_of(diagnostics.begin(), diagnostics.end(),
                      [](const Diagnostic& d) { return d.severity == Severity::kError; });
}

Parsed parse(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  Findings findings;
  Parsed parsed;
  Node root;
  if (read_tree(text, &root, &findings)) {
    if (root.type == NodeType::kMap) {
      parsed.spec = FileReader(root, &findings).read();
    } else if (root.type == NodeType::kNull) {
      findings.add(Rule::kNotASweep, "", {}, "the file is empty", {},
                   "a sweep file needs at least `method` and `parameters`");
    } else {
      findings.add(Rule::kNotASweep, "", root.place, "a sweep file is a map of keys",
                   "this is " + std::string(name_of(root.type)), "it begins like `method: random`");
    }
  }
  parsed.diagnostics = findings.take(text);
  return parsed;
}

}  // namespace scopa::spec
