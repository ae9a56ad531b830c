#pragma once

#include <string>

#include "broker/spec/key_table.h"

namespace scopa::spec {

/// A whole sweep file, in flow style, with the example of one key of the table.
inline std::string file_with_example(const KeyRow& row) {
  const std::string example(row.example);
  const auto unless = [&](std::string_view key, const std::string& entry) {
    return example.find(std::string(key) + ":") == std::string::npos ? entry + ", " : std::string();
  };
  const std::string space = "lr: {min: 0.001, max: 0.1}, optimizer: {values: [adam, sgd]}";
  std::string file = "{method: random, parameters: {" + space + "}, metric: {name: loss}, ";
  const SectionRow& section = row_of(row.section);
  switch (row.section) {
    case KeySection::kTop:
      file = "{" + unless("method", "method: random") + unless("metric", "metric: {name: loss}") +
             unless("parameters", "parameters: {" + space + "}") + example;
      break;
    case KeySection::kOwn:
      if (row.key == "bayes") file.replace(file.find("random"), 6, "bayes");
      file += example;
      break;
    case KeySection::kMetric:
      file = "{method: random, parameters: {" + space + "}, metric: {" +
             unless("name", "name: loss") + example + "}";
      break;
    case KeySection::kController:
      file += "controller: {" + example + "}";
      break;
    case KeySection::kScheduler:
      file += "scheduler: {" + unless("engine", "engine: wandb") + example + "}";
      break;
    case KeySection::kBudget:
      file += "budget: {" + example + "}";
      break;
    case KeySection::kBayes:
      file = "{method: bayes, parameters: {" + space + "}, metric: {name: loss}, bayes: {" +
             example + "}";
      break;
    case KeySection::kParameter:
      file = "{method: random, parameters: {" + space + ", x: {" + example + "}}";
      break;
    default:
      if (row.section == KeySection::kPredictive) file += "max_steps: 100, ";
      file += std::string(section.path) + ": {" +
              (example.starts_with("type:") ? "" : "type: " + std::string(section.type) + ", ") +
              example + "}";
  }
  return file + "}\n";
}

}  // namespace scopa::spec
