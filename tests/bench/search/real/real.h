#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/bench/search/problem.h"
#include "tests/bench/search/real/training.h"

namespace scopa::bench {

/// Trainings that are done anew each time they are asked for: README.md beside this file. The
/// folder holds data/ and tables/.
inline const std::filesystem::path kRealFolder = SCOPA_BENCH_REAL_FOLDER;

Result<std::vector<Trainer>> real_trainers(const std::filesystem::path& folder = kRealFolder);

/// Without best, median and mean time: those are recorded.
Problem problem_of(const Trainer& trainer);

/// The first line of the table tables/NAME.csv.gz, without its "# ": {"best":...,"median":...,
/// "mean_full_seconds":...,"at":{...}} and what else `record` found. Errors: kNotFound.
Result<nlohmann::ordered_json> table_header(const std::string& name,
                                            const std::filesystem::path& folder = kRealFolder);

/// All that are recorded.
Result<std::vector<Problem>> real_suite(const std::filesystem::path& folder = kRealFolder);

}  // namespace scopa::bench
