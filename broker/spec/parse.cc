#include "broker/spec/parse.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "broker/spec/command_section.h"
#include "broker/spec/constraints.h"
#include "broker/spec/early_terminate.h"
#include "broker/spec/initial.h"
#include "broker/spec/metric_section.h"
#include "broker/spec/own_keys.h"
#include "broker/spec/parameters.h"
#include "broker/spec/reading.h"
#include "broker/spec/section_reader.h"
#include "broker/spec/sections.h"
#include "sdk/base/limits.h"

namespace scopa::spec {
namespace {

class FileReader {
 public:
  FileReader(const Node& root, Findings* findings)
      : root_{root, "", root.place},
        keys_(KeySection::kTop, root_, findings),
        own_(root_, findings),
        findings_(findings) {}

  SweepSpec read();

 private:
  void check_top_keys();
  void read_method();
  void read_texts();
  void read_sections();
  void read_parameter_section();
  void read_what_names_parameters();
  void check_what_the_method_can();
  void check_grid(const ReadParameter& read);
  std::string short_text(std::string_view key);

  Section root_;
  SectionReader keys_;
  OwnKeys own_;
  Findings* findings_;
  SweepSpec spec_;
  bool custom_ = false;
  bool method_known_ = false;
};

SweepSpec FileReader::read() {
  check_top_keys();
  read_method();
  read_texts();
  spec_.run_cap = static_cast<std::uint64_t>(keys_.integer("run_cap").value_or(0));
  read_own_keys(root_, own_, &spec_, findings_);
  read_sections();
  read_parameter_section();
  read_what_names_parameters();
  check_what_the_method_can();
  return std::move(spec_);
}

void FileReader::check_top_keys() {
  std::vector<std::string_view> names = names_of(KeySection::kTop);
  const std::vector<std::string_view> own = names_of(KeySection::kOwn);
  names.insert(names.end(), own.begin(), own.end());
  check_keys_beside(root_, names, findings_);
  keys_.check_required();
}

void FileReader::read_sections() {
  if (const Entry* metric = root_.find("metric")) {
    spec_.metric = read_metric(metric->value, "metric", metric->key_place, findings_);
  }
  if (const Entry* metrics = root_.find("metrics")) check_metrics(root_, *metrics, findings_);
  if (const Entry* early = root_.find("early_terminate")) {
    spec_.pruner = read_early_terminate(*early, findings_);
  }
  if (const Entry* controller = root_.find("controller")) check_controller(*controller, findings_);
  if (const Entry* scheduler = root_.find("scheduler")) {
    check_scheduler(root_, *scheduler, findings_);
  }
}

// `custom` is W&B's too, so it is no unknown word; what it asks for is refused at the end.
void FileReader::read_method() {
  const Entry* entry = root_.find("method");
  custom_ =
      entry != nullptr && entry->value.type == NodeType::kText && entry->value.text == "custom";
  const auto method = custom_ ? std::optional<std::string>("custom") : keys_.word("method");
  if (!method) return;
  method_known_ = true;
  spec_.method = *method == "grid"    ? Method::kGrid
                 : *method == "bayes" ? Method::kBayes
                                      : Method::kRandom;
}

std::string FileReader::short_text(std::string_view key) {
  std::string text = keys_.text(key).value_or("");
  if (text.size() > limits::kNameBytesMax) {
    findings_->add(Rule::kTooMany, std::string(key), root_.find(key)->value.place,
                   "`" + std::string(key) + "` is longer than " +
                       std::to_string(limits::kNameBytesMax) + " bytes");
  }
  return text;
}

void FileReader::read_texts() {
  spec_.name = short_text("name");
  spec_.project = short_text("project");
  spec_.description = keys_.text("description").value_or("");
  spec_.program = keys_.text("program").value_or("");
  for (const std::string_view ignored : {"entity", "job", "image_uri", "apiVersion"}) {
    (void)keys_.text(ignored);
  }
  (void)keys_.word("kind");
}

void FileReader::read_parameter_section() {
  const Entry* section = root_.find("parameters");
  if (section == nullptr) return;
  std::vector<ReadParameter> read = read_parameters(section->value, section->key_place, findings_);
  if (method_known_ && spec_.method == Method::kGrid) {
    for (const ReadParameter& parameter : read) check_grid(parameter);
  }
  ResolvedParameters resolved = resolve_parameters(std::move(read), findings_);
  spec_.parameters = std::move(resolved.parameters);
  spec_.derived = std::move(resolved.derived);
}

void FileReader::read_what_names_parameters() {
  if (const Entry* command = root_.find("command")) {
    spec_.command = read_command(*command, spec_, findings_);
  }
  if (const Entry* initial = own_.find("initial")) {
    spec_.initial = read_initial(initial->value, own_.path_of("initial"), spec_, findings_);
  }
  if (const Entry* constraints = own_.find("constraints")) {
    spec_.constraints =
        read_constraints(*constraints, own_.path_of("constraints"), spec_, findings_);
  }
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

bool foretells(const Pruner& pruner) {
  if (const auto* patient = std::get_if<Patient>(&pruner.kind)) {
    return !patient->wraps.empty() && foretells(patient->wraps.front());
  }
  return std::holds_alternative<Predictive>(pruner.kind);
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
  if (spec_.pruner && foretells(*spec_.pruner) && own_.find("max_steps") == nullptr) {
    findings_->add(Rule::kPrunerForm, "early_terminate", early->key_place,
                   "`predictive` needs `max_steps`: it foretells how trials will end", {},
                   "add `max_steps: 50`, the step at which a training is complete");
  }
  // Said last: while `metrics` or `scheduler` are wrong in themselves, that is what helps.
  if (custom_ && (root_.find("scheduler") != nullptr || !findings_->has_errors())) {
    const bool several = root_.find("metrics") != nullptr;
    findings_->add(Rule::kMethodCannot, "method", method->value.place,
                   "`method: custom` is search code of your own, which Scopa does not run" +
                       std::string(several ? ", and a sweep optimises one metric" : ""),
                   {},
                   several ? "write `method: bayes`, and instead of `metrics` "
                             "`metric: {name: ..., goal: ...}`"
                           : "use `bayes`, `random` or `grid`");
  }
}

}  // namespace

bool Parsed::ok() const {
  return std::none_of(diagnostics.begin(), diagnostics.end(),
                      [](const Diagnostic& d) { return d.severity == Severity::kError; });
}

bool Parsed::ok_in_store() const {
  return std::none_of(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& d) {
    return d.severity == Severity::kError && !d.is_recent;
  });
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
