// Boosted trees of XGBoost, by its C interface.
#include <xgboost/c_api.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "tests/bench/search/real/training.h"

namespace scopa::bench {
namespace {

using Json = nlohmann::ordered_json;
using Matrix = std::unique_ptr<void, int (*)(void*)>;

constexpr std::uint64_t kParts = 10;  // of the rounds, after each of which there is a value

struct Floats {
  std::vector<float> x, y;  // rows one after the other
  std::size_t rows = 0, features = 0;
};

Floats floats_of(const Table& table) {
  Floats made{
      {}, {}, static_cast<std::size_t>(table.x.rows()), static_cast<std::size_t>(table.x.cols())};
  for (Eigen::Index i = 0; i < table.x.rows(); ++i) {
    for (Eigen::Index j = 0; j < table.x.cols(); ++j) {
      made.x.push_back(static_cast<float>(table.x(i, j)));
    }
    made.y.push_back(static_cast<float>(table.y(i)));
  }
  return made;
}

Matrix matrix_of(const Floats& floats) {
  DMatrixHandle handle = nullptr;
  XGDMatrixCreateFromMat_omp(floats.x.data(), floats.rows, floats.features, NAN, &handle, 1);
  XGDMatrixSetFloatInfo(handle, "label", floats.y.data(), floats.rows);
  return {handle, XGDMatrixFree};
}

struct BoostData {
  Floats train, valid;
  bool is_classification = false;
};

/// Of what the booster tells of the rows on which it is measured; NaN if it tells nothing.
double loss_of(BoosterHandle booster, DMatrixHandle valid, const BoostData& data) {
  bst_ulong count = 0;
  const float* told = nullptr;
  if (XGBoosterPredict(booster, valid, 0, 0, 0, &count, &told) != 0) return NAN;
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double y = data.valid.y[i];
    const double p = std::clamp<double>(told[i], 1e-7, 1 - 1e-7);
    sum += data.is_classification ? -std::log(y > 0 ? p : 1 - p) : (told[i] - y) * (told[i] - y);
  }
  return sum / static_cast<double>(count);
}

void set(BoosterHandle booster, const std::string& name, const std::string& value) {
  XGBoosterSetParam(booster, name.c_str(), value.c_str());
}

void set_up(BoosterHandle booster, const Config& config, const BoostData& data,
            std::uint64_t seed) {
  set(booster, "verbosity", "0");
  set(booster, "nthread", "1");
  set(booster, "seed", std::to_string(seed % 1000003));
  set(booster, "objective", data.is_classification ? "binary:logistic" : "reg:squarederror");
  set(booster, "base_score", data.is_classification ? "0.5" : "0");
  set(booster, "tree_method", "exact");
  if (config.is("booster", "gblinear")) set(booster, "updater", "coord_descent");
  // By their own names; a parameter that a configuration has not keeps its default.
  for (const char* name :
       {"booster", "eta", "max_depth", "min_child_weight", "gamma", "subsample", "colsample_bytree",
        "colsample_bynode", "lambda", "alpha", "scale_pos_weight", "rate_drop", "skip_drop",
        "sample_type", "normalize_type", "feature_selector"}) {
    if (config.has(name)) set(booster, name, config.text(name));
  }
}

// Virtual seconds of one part: rows and features that are looked at on each level of each tree.
double part_seconds(const Config& config, const BoostData& data) {
  const auto share = [&](const char* name) { return config.has(name) ? config.number(name) : 1; };
  const double depth = config.has("max_depth") ? config.number("max_depth") : 1;
  const double looks = static_cast<double>(data.train.rows * data.train.features) *
                       share("subsample") * share("colsample_bytree") * (1 + depth);
  return config.number("rounds") / kParts * (2000 + looks) * 1e-5;
}

Trained boosted(const BoostData& data, const Config& config, std::uint64_t seed) {
  const Matrix train = matrix_of(data.train);
  const Matrix valid = matrix_of(data.valid);
  const DMatrixHandle both[] = {train.get(), valid.get()};
  BoosterHandle handle = nullptr;
  XGBoosterCreate(both, 2, &handle);
  const Matrix booster(handle, XGBoosterFree);
  set_up(handle, config, data, seed);
  Trained made;
  made.step_seconds = part_seconds(config, data);
  const std::uint64_t rounds = config.count("rounds");
  std::uint64_t round = 0;
  for (std::uint64_t part = 1; part <= kParts && !made.failed; ++part) {
    for (; round < part * rounds / kParts; ++round) {
      XGBoosterUpdateOneIter(handle, static_cast<int>(round), train.get());
    }
    made.curve.push_back(loss_of(handle, valid.get(), data));
    made.failed = !std::isfinite(made.curve.back());
  }
  if (made.failed) made.curve.pop_back();
  return made;
}

Json tree_parameters(int rounds_max) {
  return {{"rounds", int_range(5, rounds_max)}, {"eta", log_range(0.01, 1)},
          {"max_depth", int_range(1, 10)},      {"min_child_weight", log_range(0.1, 50)},
          {"subsample", real_range(0.2, 1)},    {"colsample_bytree", real_range(0.2, 1)},
          {"lambda", log_range(1e-3, 100)},     {"alpha", log_range(1e-3, 10)}};
}

// Rows and features are drawn anew in each trial.
Trainer boost_diabetes(const DataSets& sets) {
  const Split rows = with_standard_target(split(sets.diabetes, 180, 262));
  const BoostData data{floats_of(rows.train), floats_of(rows.valid), false};
  Json parameters = tree_parameters(80);
  parameters["gamma"] = log_range(1e-3, 20);
  parameters["colsample_bynode"] = real_range(0.2, 1);
  return {"boost_diabetes",
          parameters,
          nullptr,
          kParts,
          5,
          [data](const Config& config, std::uint64_t seed) { return boosted(data, config, seed); }};
}

// Three kinds of boosters, each with parameters of its own, and one draw for all trials.
Trainer boost_cancer(const DataSets& sets) {
  const Split rows = split(sets.cancer, 150, 400);
  const BoostData data{floats_of(rows.train), floats_of(rows.valid), true};
  Json parameters = tree_parameters(50);
  parameters["booster"] = one_of({"gbtree", "dart", "gblinear"});
  parameters["scale_pos_weight"] = log_range(0.1, 10);
  parameters["rate_drop"] = real_range(0, 0.5);
  parameters["skip_drop"] = real_range(0, 0.9);
  parameters["sample_type"] = one_of({"uniform", "weighted"});
  parameters["normalize_type"] = one_of({"tree", "forest"});
  parameters["feature_selector"] = one_of({"cyclic", "greedy"});
  Json conditions = Json::array();
  for (const char* name : {"max_depth", "min_child_weight", "subsample", "colsample_bytree"}) {
    conditions.push_back(active_if(name, "booster", {"gbtree", "dart"}));
  }
  for (const char* name : {"rate_drop", "skip_drop", "sample_type", "normalize_type"}) {
    conditions.push_back(active_if(name, "booster", {"dart"}));
  }
  conditions.push_back(active_if("feature_selector", "booster", {"gblinear"}));
  return {"boost_cancer",
          parameters,
          conditions,
          kParts,
          1,
          [data](const Config& config, std::uint64_t) { return boosted(data, config, 1); }};
}

}  // namespace

std::vector<Trainer> boosted_trees(const Data& data) {
  return {boost_diabetes(*data), boost_cancer(*data)};
}

}  // namespace scopa::bench
