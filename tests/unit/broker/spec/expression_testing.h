#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "broker/spec/expression.h"

namespace scopa::spec {

inline Value text(const char* s) { return std::string(s); }
inline Value integer(std::int64_t i) { return i; }

/// Parameters by name: the values that each can have, or none for any number.
class TestScope : public Scope {
 public:
  std::optional<std::size_t> find(std::string_view name) const override {
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      if (parameters_[i].first == name) return i;
    }
    return std::nullopt;
  }
  Kinds kinds_of(std::size_t i) const override {
    if (parameters_[i].first.starts_with("any")) return kAnyKind;
    if (parameters_[i].second.empty()) return kNumberKind;
    Kinds kinds = 0;
    for (const Value& value : parameters_[i].second) kinds |= kind_of(value);
    return kinds;
  }
  std::optional<bool> has(std::size_t i, const Value& value) const override {
    const auto& values = parameters_[i].second;
    if (values.empty()) return std::nullopt;
    return std::find(values.begin(), values.end(), value) != values.end();
  }
  std::string values_help(std::size_t, const Value&) const override { return "see the list"; }
  std::vector<std::string> names() const override {
    std::vector<std::string> names;
    for (const auto& [name, values] : parameters_) names.push_back(name);
    return names;
  }

 private:
  std::vector<std::pair<std::string, std::vector<Value>>> parameters_ = {
      {"x", {}},
      {"y", {}},
      {"opt", {text("sgd"), text("adam"), text("x")}},
      {"amp", {true, false}},
      {"n", {integer(1), integer(2), integer(4)}},
      {"mixed", {integer(1), text("auto")}},
      {"group.lr", {}},
      {"weight-decay", {}},
      {"min", {}},
      {"not", {}},
      {"any", {}},
      {"shape", {Composite{"[64]"}, Value()}},
  };
};

using Given = std::map<std::string, Value>;

inline Expression compiled(const std::string& source) {
  auto result = compile(source, TestScope());
  if (auto* error = std::get_if<ExpressionError>(&result)) {
    ADD_FAILURE() << source << ": " << error->message << " at " << error->offset;
    return {};
  }
  return std::get<Expression>(std::move(result));
}

inline std::vector<const Value*> values_of(const Given& given) {
  std::vector<const Value*> values(TestScope().names().size(), nullptr);
  for (const auto& [name, value] : given) values.at(TestScope().find(name).value()) = &value;
  return values;
}

/// The value as JSON, or "absent".
inline std::string value_of(const std::string& source, const Given& given = {}) {
  const auto value = compiled(source).evaluate(values_of(given));
  return value ? to_json(*value) : "absent";
}

/// "offset: message; help".
inline std::string error_of(const std::string& source) {
  const auto result = compile(source, TestScope());
  const auto* error = std::get_if<ExpressionError>(&result);
  if (error == nullptr) return "none";
  return std::to_string(error->offset) + ": " + error->message +
         (error->help.empty() ? "" : "; " + error->help);
}

}  // namespace scopa::spec
