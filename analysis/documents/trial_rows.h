#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analysis/documents/trial_sheet.h"

/// Trials as rows, for other programs: CSV as RFC 4180 has it ('\n' ends a row), or one JSON object
/// a line. What is missing is an empty cell in CSV and null in JSON; nothing is rounded.
///
///     const auto columns = sheet.usual_columns();
///     out << csv_header(columns);
///     for (const auto& t : trials) out << csv_row(sheet, columns, t);
namespace scopa::analysis {

std::string csv_header(const std::vector<TrialSheet::Column>& columns);
std::string csv_row(const TrialSheet& sheet, const std::vector<TrialSheet::Column>& columns,
                    const wire::TrialInfo& trial);

/// {"trial":3,"state":"pruned", ..., "params":{...},"metrics":{"acc":{"last":...}}} and a line
/// break.
std::string jsonl_row(const wire::TrialInfo& trial, std::int64_t now_us);
/// Of chosen columns: a flat object, without a line break.
std::string json_row(const TrialSheet& sheet, const std::vector<TrialSheet::Column>& columns,
                     const wire::TrialInfo& trial);

}  // namespace scopa::analysis
