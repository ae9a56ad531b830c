#include "tests/fuzz/spec_check.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "broker/pruning/expected_survivors.h"
#include "broker/pruning/pruner.h"
#include "broker/search/distribution.h"
#include "broker/search/history.h"
#include "broker/search/sampler.h"
#include "broker/search/space.h"
#include "broker/spec/parse.h"
#include "sdk/base/limits.h"

namespace scopa::fuzz {
namespace {

constexpr std::uint64_t kSeed = 7;
constexpr std::uint64_t kSuggestions = 4;
constexpr std::uint64_t kModelSuggestions = 14;  // the model starts after 10 ended trials
constexpr std::size_t kModelParametersMax = 30;  // what a fuzzer has time for

bool is_control(char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f; }

// Too large, or nothing in it: there is no place to point at.
bool is_of_whole_file(const spec::Diagnostic& d) { return d.code == "S001" || d.code == "S005"; }

std::string check_diagnostics(const spec::Parsed& parsed, std::string_view text) {
  const auto is_error = [](const spec::Diagnostic& d) {
    return d.severity == spec::Severity::kError;
  };
  const bool has_error =
      std::any_of(parsed.diagnostics.begin(), parsed.diagnostics.end(), is_error);
  if (parsed.ok() == has_error) return "ok() and the errors contradict each other";
  const auto lines =
      std::count(text.begin(), text.end(), '\n') + std::count(text.begin(), text.end(), '\r') + 1;
  for (const spec::Diagnostic& d : parsed.diagnostics) {
    const std::string what = d.code + " \"" + d.message + "\" ";
    if (d.code.empty() || d.message.empty()) return what + "has no code or no message";
    const bool counts_the_rest =
        parsed.diagnostics.size() > limits::kSpecFindingsMax && &d == &parsed.diagnostics.back();
    if (d.path.empty() && d.line < 1 && !is_of_whole_file(d) && !counts_the_rest) {
      return what + "has neither path nor line";
    }
    if (d.line < 0 || d.line > lines) return what + "is on line " + std::to_string(d.line);
    if (d.message.find('\n') != std::string::npos) return what + "has more than one line";
    const std::string plain = spec::render(d, "sweep.yaml", text, false);
    if (plain.find(d.code) == std::string::npos) return what + "is not in what is shown";
    if (std::any_of(plain.begin(), plain.end(), is_control)) {
      return what + "shows bytes that a terminal obeys";
    }
    if (spec::render(d, "sweep.yaml", text, true).size() < plain.size()) {
      return what + "loses text by colour";
    }
  }
  return {};
}

/// A configuration must be of the space: right names, and values that their distribution can give.
std::string check_params(const spec::SweepSpec& spec, const search::Space& space,
                         const Params& params) {
  for (const Param& param : params) {
    const auto index = space.find(param.name);
    if (!index) continue;  // derived
    const double* real = std::get_if<double>(&param.value);
    if (real != nullptr && !std::isfinite(*real) && !space.domain(*index).is_categorical()) {
      return param.name + " is not finite";
    }
    if (!space.domain(*index).admit(param.value)) {
      return param.name + " = " + search::canonical_text(param.value) + " is not " +
             space.domain(*index).describe();
    }
  }
  // Whoever enqueues what a sampler proposed gets the very same configuration.
  const auto again = search::complete(spec, params, kSeed, 0);
  if (!again) return "its own suggestion is refused: " + again.status().message();
  if (canonical_text(*again) != canonical_text(params)) return "its own suggestion is completed";
  return {};
}

std::string text_of(const std::optional<Params>& params) {
  return params ? canonical_text(*params) : "";
}

void add_trial(const Params& params, std::uint64_t number, search::History* history) {
  search::HistoryChange change;
  change.number = TrialNumber{number};
  change.params = params;
  history->apply(change);
  change.kind = search::HistoryChange::Kind::kPoints;
  change.points = {{0, static_cast<double>(number % 5)}};
  history->apply(change);
  change.kind = search::HistoryChange::Kind::kState;
  change.state = number % 4 == 3 ? TrialState::kFailed : TrialState::kCompleted;
  change.value = static_cast<double>(number % 5);
  history->apply(change);
}

std::string check_suggestions(const spec::SweepSpec& spec) {
  const search::Space space(spec);
  const auto size = search::space_size(spec);
  const auto sampler = search::make_sampler(spec, kSeed);
  const auto twin = search::make_sampler(spec, kSeed);
  search::History history;
  const bool models = spec.method == spec::Method::kBayes && space.size() <= kModelParametersMax;
  const std::uint64_t count = models ? kModelSuggestions : kSuggestions;
  for (std::uint64_t number = 0; number < count; ++number) {
    const auto params = sampler->suggest(history, number);
    if (text_of(params) != text_of(twin->suggest(history, number))) {
      return "two samplers disagree";
    }
    if (!params) {
      if (number == 0 && spec.method != spec::Method::kGrid && (!size || *size > 0)) {
        return "no first suggestion";
      }
      break;
    }
    if (size && number >= *size) return "more suggestions than the space has configurations";
    if (history.contains(canonical_text(*params))) return "a configuration came twice";
    if (auto why = check_params(spec, space, *params); !why.empty()) return why;
    add_trial(*params, number, &history);
  }
  return {};
}

std::string check_pruner(const spec::SweepSpec& spec) {
  const auto pruner = pruning::make_pruner(spec);
  if (!pruner) return {};
  const auto rungs = pruner->rungs();
  if (!std::is_sorted(rungs.begin(), rungs.end())) return "the rungs do not ascend";
  if (rungs.size() > limits::kArrayItemsMax) return "too many rungs for a message";
  std::vector<TrialNumber> running;
  for (std::uint64_t i = 0; i < 6; ++i) {
    running.push_back(TrialNumber{i});
    for (const std::int64_t step : {0, 1, 2, 3, 9, 4, 1000}) {
      pruner->observe(running.back(), step, static_cast<double>(i * 7 % 5));
    }
  }
  for (const pruning::Verdict& verdict : pruner->judge(running)) {
    if (verdict.message.empty()) return "a verdict without a reason";
  }
  for (const pruning::RungForecast& each : pruning::forecast(spec, 100)) {
    if (each.survivors > 100) return "more survivors than trials";
  }
  return {};
}

}  // namespace

std::string check_spec(std::string_view text) {
  const spec::Parsed parsed = spec::parse(text);
  if (auto why = check_diagnostics(parsed, text); !why.empty()) return why;
  if (!parsed.ok()) return {};
  for (const Params& point : parsed.spec.initial) {
    (void)search::complete(parsed.spec, point, kSeed, 0);
  }
  if (auto why = check_suggestions(parsed.spec); !why.empty()) return why;
  return check_pruner(parsed.spec);
}

}  // namespace scopa::fuzz
