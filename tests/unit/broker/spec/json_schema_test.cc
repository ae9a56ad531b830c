// Whether the schema accepts and refuses files as it should is tests/integration/schema's.
#include "broker/spec/json_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "broker/spec/distributions.h"
#include "broker/spec/key_table.h"

namespace scopa::spec {
namespace {

using Json = nlohmann::json;

Json schema() { return Json::parse(json_schema()); }

std::string definition_of(const SectionRow& row) {
  if (!row.type.empty()) return "pruner_" + std::string(row.type);
  return row.section == KeySection::kParameter ? "parameter" : std::string(row.path);
}

std::set<std::string> keys_of(const Json& properties) {
  std::set<std::string> keys;
  for (const auto& [key, value] : properties.items()) keys.insert(key);
  return keys;
}

TEST(JsonSchemaTest, ItHasEveryKeyOfTheTableAndNoOther) {
  const Json all = schema();
  for (const SectionRow& section : section_table()) {
    std::set<std::string> want;
    for (const std::string_view name : names_of(section.section)) want.emplace(name);
    if (section.section == KeySection::kTop) {
      for (const std::string_view name : names_of(KeySection::kOwn)) want.emplace(name);
    }
    const Json& part = section.section == KeySection::kTop
                           ? all
                           : all.at("definitions").at(definition_of(section));
    EXPECT_EQ(keys_of(part.at("properties")), want) << definition_of(section);
    EXPECT_EQ(part.contains("additionalProperties"), !section.open) << definition_of(section);
  }
}

TEST(JsonSchemaTest, EveryDefinitionIsASectionOrHoldsSome) {
  std::set<std::string> known = {"parameters", "pruner"};
  for (const SectionRow& section : section_table()) known.insert(definition_of(section));
  const Json all = schema();
  for (const auto& [name, value] : all.at("definitions").items()) {
    EXPECT_TRUE(known.contains(name)) << name;
  }
}

TEST(JsonSchemaTest, WhatItSaysOfAKeyIsTheTables) {
  const Json all = schema();
  for (const KeyRow& row : key_table()) {
    const SectionRow& section = row_of(row.section);
    const Json& part =
        row.section == KeySection::kTop ? all : all.at("definitions").at(definition_of(section));
    const Json& property = part.at("properties").at(std::string(row.key));
    EXPECT_EQ(property.at("description"), row.description) << row.key;
    EXPECT_EQ(property.contains("default"), !row.fallback.empty()) << row.key;
    if (row.use == Use::kRefused) continue;
    EXPECT_FALSE(property.at("examples").at(0).is_null()) << row.key;
    if (row.types == kTypeWord) {
      EXPECT_EQ(property.at("enum").size(), row.words.size()) << row.key;
    }
    const Json required = part.value("required", Json::array());
    EXPECT_EQ(std::find(required.begin(), required.end(), row.key) != required.end(),
              row.required())
        << row.key;
  }
}

TEST(JsonSchemaTest, EveryDistributionHasItsForm) {
  std::set<std::string> forms;
  const Json all = schema();
  for (const Json& form : all.at("definitions").at("parameter").at("allOf")) {
    const Json named = form.at("if").value("/properties/distribution/const"_json_pointer, Json());
    if (named.is_string()) forms.insert(named.get<std::string>());
  }
  EXPECT_EQ(forms.size(), distribution_table().size());
  for (const DistributionRow& row : distribution_table()) {
    EXPECT_TRUE(forms.contains(std::string(row.name))) << row.name;
  }
}

}  // namespace
}  // namespace scopa::spec
