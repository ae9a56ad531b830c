#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "analysis/documents/own_fields.h"
#include "sdk/base/status.h"
#include "sdk/base/value.h"
#include "sdk/wire/messages.h"

namespace scopa::analysis {

/// All that can be asked of a sweep's trials, by name: Scopa's own fields, parameters (derived
/// ones, too), and of each metric that was logged its last, least and greatest value. Tables,
/// files,
/// `--columns`, `--sort` and `--where` look up what a name means here.
///
/// A column has one name, which no other has: a parameter that is called like a field of ours is
/// `param.NAME`, a metric that is called like either `metric.NAME`. A metric's column is its last
/// value; `NAME.min`, `NAME.max`, `NAME.step` (of the last), `NAME.min_step`, `NAME.max_step` and
/// `NAME.values` are the others.
///
///     const TrialSheet sheet(sweep, trials, now_us);
///     const auto columns = sheet.choose({"trial", "lr", "val/acc.max"});
///     for (const auto& t : trials) cell_text(sheet.value((*columns)[1], t));
///
/// Looks at sweep and trials, which must outlive it.
class TrialSheet {
 public:
  enum class Part : std::uint8_t { kLast, kMin, kMax, kStep, kMinStep, kMaxStep, kValues };
  struct Column {
    enum class Kind : std::uint8_t { kRank, kOwn, kParameter, kMetric };
    std::string name;  ///< as a header has it
    Kind kind = Kind::kOwn;
    std::string of;  ///< the parameter or metric
    const OwnField* own = nullptr;
    Part part = Part::kLast;
    bool is_number = false;  ///< else text, or a parameter of any kind
  };

  TrialSheet(const wire::SweepInfo& sweep, std::span<const wire::TrialInfo> trials,
             std::int64_t now_us);

  const std::vector<Column>& columns() const { return columns_; }
  /// Those of a file: our own usual ones, all parameters, and last, least and greatest of each
  /// metric.
  std::vector<Column> usual_columns() const;
  /// Names of parameters: those of the sweep file, then derived ones.
  const std::vector<std::string>& parameters() const { return parameters_; }
  /// Names of metrics but the goal's, which is `value`.
  std::vector<std::string> other_metrics() const;

  /// Also by `duration`, `param.NAME`, `metric.NAME` and `NAME.last`. Errors: kInvalidArgument,
  /// with a did-you-mean.
  Result<Column> find(std::string_view name) const;
  /// The same for several.
  Result<std::vector<Column>> choose(const std::vector<std::string>& names) const;
  /// In an expression: a parameter first, then a metric, then what find() knows. An index into
  /// columns().
  std::optional<std::size_t> meant_by(std::string_view name) const;

  /// Null where the trial has none. `value` is what the trial was worth alone.
  Value value(const Column& column, const wire::TrialInfo& trial) const;
  /// The same as trials are compared: with replicates, `value` is the mean.
  Value ranked(const Column& column, const wire::TrialInfo& trial) const;

  const wire::SweepInfo& sweep() const { return *sweep_; }
  std::span<const wire::TrialInfo> trials() const { return trials_; }
  std::int64_t now_us() const { return now_us_; }

 private:
  void add(Column column, std::string_view prefix);
  std::optional<std::size_t> index_of(const std::string& name) const;

  const wire::SweepInfo* sweep_;
  std::span<const wire::TrialInfo> trials_;
  std::int64_t now_us_;
  std::vector<Column> columns_;
  std::unordered_map<std::string, std::size_t> by_name_;    // into columns_
  std::unordered_map<std::string, std::size_t> by_param_;   // likewise, by the parameter
  std::unordered_map<std::string, std::size_t> by_metric_;  // likewise, of last values
  std::unordered_map<std::uint64_t, std::int64_t> ranks_;   // by trial
  std::vector<std::string> parameters_;
  std::vector<std::string> metrics_;
};

}  // namespace scopa::analysis
