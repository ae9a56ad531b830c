#include "analysis/documents/where.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "sdk/base/states.h"
#include "sdk/base/text.h"

namespace scopa::analysis {
namespace {

using Kind = TrialSheet::Column::Kind;

/// Of a field with few values: whether that is one of them; nothing of other fields.
std::optional<bool> is_one_of_its_values(const OwnField& field, const std::string& word) {
  if (field.name == "state") return trial_state_from(word).has_value();
  if (field.name == "cause") return cause_from(word).has_value();
  if (field.name == "origin") {
    constexpr std::array<std::string_view, 4> kOrigins = {"sampler", "enqueued", "initial",
                                                          "replicate"};
    return std::find(kOrigins.begin(), kOrigins.end(), word) != kOrigins.end();
  }
  return std::nullopt;
}

class SheetScope : public spec::Scope {
 public:
  explicit SheetScope(const TrialSheet& sheet) : sheet_(sheet) {}

  std::optional<std::size_t> find(std::string_view name) const override {
    return sheet_.meant_by(name);
  }
  spec::Kinds kinds_of(std::size_t index) const override {
    const TrialSheet::Column& column = sheet_.columns()[index];
    if (column.kind != Kind::kParameter) {
      return column.is_number ? spec::kNumberKind : spec::kTextKind;
    }
    spec::Kinds kinds = 0;
    for (const wire::TrialInfo& t : sheet_.trials()) {
      if (const Value* value = find_param(t.params, column.of)) kinds |= spec::kind_of(*value);
    }
    return kinds == 0 ? spec::kAnyKind : kinds;
  }
  std::optional<bool> has(std::size_t index, const Value& value) const override {
    const TrialSheet::Column& column = sheet_.columns()[index];
    const auto* word = std::get_if<std::string>(&value);
    if (column.kind == Kind::kOwn) {
      return word == nullptr ? std::nullopt : is_one_of_its_values(*column.own, *word);
    }
    if (column.kind != Kind::kParameter) return std::nullopt;
    for (const wire::TrialInfo& t : sheet_.trials()) {
      const Value* its = find_param(t.params, column.of);
      if (its != nullptr && *its == value) return true;
    }
    return std::nullopt;  // a trial to come may have it
  }
  std::string values_help(std::size_t index, const Value&) const override {
    const TrialSheet::Column& column = sheet_.columns()[index];
    if (column.name == "state") {
      return "states are queued, running, completed, pruned, diverged, failed, cancelled";
    }
    if (column.name == "cause") {
      return "causes are oom, nan, crash, user_error, timeout, preempted, node";
    }
    return "";
  }
  std::vector<std::string> names() const override {
    std::vector<std::string> names;
    for (const TrialSheet::Column& column : sheet_.columns()) names.push_back(column.name);
    return names;
  }
  std::string_view what() const override { return "column"; }

 private:
  const TrialSheet& sheet_;
};

}  // namespace

Result<Where> Where::compile(std::string_view text, const TrialSheet& sheet) {
  auto compiled = spec::compile(text, SheetScope(sheet));
  if (const auto* error = std::get_if<spec::ExpressionError>(&compiled)) {
    return Status{Code::kInvalidArgument,
                  "`" + printable(text, 200) + "`, character " + std::to_string(error->offset + 1) +
                      ": " + error->message,
                  error->help};
  }
  auto& expression = std::get<spec::Expression>(compiled);
  if ((expression.kinds() & (spec::kBooleanKind | spec::kNumberKind)) == 0) {
    return Status{Code::kInvalidArgument, "`" + printable(text, 200) + "` is not true or false",
                  "compare it with something: `... == \"sgd\"`"};
  }
  std::vector<TrialSheet::Column> columns;
  std::vector<std::size_t> new_index(sheet.columns().size());
  for (const std::size_t index : expression.parameters()) {
    new_index[index] = columns.size();
    columns.push_back(sheet.columns()[index]);
  }
  return Where(sheet, expression.renumbered(new_index), std::move(columns));
}

bool Where::holds(const wire::TrialInfo& trial) const {
  std::vector<Value> values;
  values.reserve(columns_.size());
  for (const auto& column : columns_) values.push_back(sheet_->ranked(column, trial));
  std::vector<const Value*> known;
  for (const Value& value : values) {
    const bool missing = std::holds_alternative<std::monostate>(value) || is_nan(value);
    known.push_back(missing ? nullptr : &value);
  }
  return expression_.holds(known);
}

}  // namespace scopa::analysis
