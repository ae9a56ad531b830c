#include "broker/lint/trainer_remarks.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>

#include "sdk/base/limits.h"
#include "sdk/base/text.h"

namespace scopa::lint {
namespace {

constexpr std::size_t kTrialsMin = 4;  // before most of them mean something
constexpr std::size_t kSameCurvesMin = 3;
constexpr std::size_t kAskedShown = 4;

std::string quoted(const std::string& name) {
  return "`" + spec::one_line(printable(name, 80)) + "`";
}

std::string list(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kAskedShown); ++i) {
    text += (i == 0 ? "" : ", ") + quoted(names[i]);
  }
  if (names.size() > kAskedShown) text += " and others";
  return text;
}

/// A worker sends no more; whoever else may.
std::span<const std::string> some_of(const std::vector<std::string>& texts) {
  return std::span(texts).first(std::min(texts.size(), limits::kTrainerNotesMax));
}

bool is_searched(const spec::SweepSpec& spec, const std::string& name) {
  return std::any_of(spec.parameters.begin(), spec.parameters.end(),
                     [&](const spec::Parameter& parameter) {
                       return parameter.name == name &&
                              parameter.distribution.kind != spec::DistributionKind::kConstant;
                     });
}

LiveRemark never_read(const std::string& name, const std::vector<std::string>& asked) {
  std::string text = "the trainer never asks for it";
  const std::vector<std::string> names(some_of(asked).begin(), some_of(asked).end());
  const std::string meant = closest_match(name, names);
  if (!meant.empty()) {
    text += "; it asks for " + quoted(meant) + ": did you mean that?";
  } else if (!asked.empty()) {
    text += "; it asks for " + list(asked) + ", which the sweep has not";
  } else {
    text += ", so its values change nothing: remove it, or read it";
  }
  return {Rule::kParameterNeverRead, name, std::move(text)};
}

}  // namespace

std::vector<LiveRemark> trainer_remarks(const spec::SweepSpec& spec,
                                        const wire::TrainerNotes& notes) {
  std::vector<LiveRemark> remarks;
  for (const std::string& name : some_of(notes.unread)) {
    if (is_searched(spec, name)) remarks.push_back(never_read(name, notes.asked));
  }
  for (const std::string& error : some_of(notes.errors)) {
    const std::size_t open = error.find('`');
    const std::size_t close = open == std::string::npos ? open : error.find('`', open + 1);
    const std::string subject =
        close == std::string::npos ? "parameters" : error.substr(open + 1, close - open - 1);
    remarks.push_back(
        {Rule::kParameterNotConverted, subject,
         "the trainer got its own default: " + spec::one_line(printable(error, 300))});
  }
  if (notes.left_out > 0 || !notes.left_out_why.empty()) {
    remarks.push_back({Rule::kMetricsLeftOut, "SCOPA_METRICS",
                       (notes.left_out > 0 ? "of one trial " + std::to_string(notes.left_out) +
                                                 " lines or values were not taken: "
                                           : "of one trial ") +
                           spec::one_line(printable(notes.left_out_why, 300))});
  }
  if (notes.late && spec.pruner) {
    remarks.push_back({Rule::kPointsAtTheEnd, std::string(spec::name_of(*spec.pruner)),
                       "all points of a trial came at its end, so it could stop nothing: let the "
                       "trainer write each line at once (Python: `buffering=1`, or `flush=True`)"});
  }
  return remarks;
}

std::vector<LiveRemark> value_remarks(const spec::SweepSpec& spec,
                                      const std::vector<LiveTrial>& trials) {
  std::vector<LiveRemark> remarks;
  if (!spec.metric) return remarks;
  const std::string& metric = spec.metric->name;
  std::size_t ended = 0, diverged = 0, nan_first = 0, with_values = 0;
  const LiveTrial* first = nullptr;  // of those with values
  bool same = true, differ = false;  // their curves, their configurations
  for (const LiveTrial& trial : trials) {
    if (!has_ended(trial.state)) continue;
    ++ended;
    diverged += trial.state == TrialState::kDiverged ? 1 : 0;
    if (trial.goal_values == 0) continue;
    ++with_values;
    nan_first += trial.nans_first > 0 ? 1 : 0;
    if (first == nullptr) first = &trial;
    same = same && trial.curve_digest != 0 && trial.curve_digest == first->curve_digest;
    differ = differ || *trial.params != *first->params;
  }
  if (ended < kTrialsMin) return remarks;
  const std::string of_all = " of " + std::to_string(ended) + " trials";
  if (2 * nan_first >= ended) {
    remarks.push_back({Rule::kNanFirst, metric,
                       std::to_string(nan_first) + of_all +
                           " log NaN or infinity before their first value, which is left out: log "
                           "it when there is one"});
  }
  if (2 * diverged >= ended) {
    remarks.push_back({Rule::kMostDiverge, metric,
                       std::to_string(diverged) + of_all +
                           " diverged (it became NaN or infinite): narrow the ranges, or see what "
                           "makes it so"});
  }
  if (with_values >= kTrialsMin && same && differ) {
    remarks.push_back({Rule::kSameCurves, metric,
                       "all " + std::to_string(with_values) +
                           " trials have exactly the same values, though their configurations "
                           "differ: does the trainer read its parameters?"});
  }
  return remarks;
}

}  // namespace scopa::lint
