#include "analysis/documents/trial_rows.h"

#include "analysis/export.h"

namespace scopa::analysis {

std::string csv_header(const std::vector<TrialSheet::Column>& columns) {
  std::string out;
  for (const auto& column : columns) out += (out.empty() ? "" : ",") + csv_cell(column.name);
  return out + "\n";
}

std::string csv_row(const TrialSheet& sheet, const std::vector<TrialSheet::Column>& columns,
                    const wire::TrialInfo& trial) {
  std::string out;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) out += ',';
    out += csv_cell(cell_text(sheet.value(columns[i], trial)));
  }
  return out + "\n";
}

std::string jsonl_row(const wire::TrialInfo& trial, std::int64_t now_us) {
  std::string out = "{";
  for (const OwnField& field : own_fields()) {
    if (!field.is_usual) continue;
    out +=
        to_json(Value(std::string(field.name))) + ":" + json_token(field.of(trial, now_us)) + ",";
  }
  return out + "\"params\":" + to_json(trial.params) + ",\"metrics\":" + metrics_json(trial) +
         "}\n";
}

std::string json_row(const TrialSheet& sheet, const std::vector<TrialSheet::Column>& columns,
                     const wire::TrialInfo& trial) {
  std::string out = "{";
  for (const auto& column : columns) {
    if (out.size() > 1) out += ',';
    out += to_json(Value(column.name)) + ":" + json_token(sheet.value(column, trial));
  }
  return out + "}";
}

}  // namespace scopa::analysis
