#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "broker/spec/expression.h"
#include "broker/spec/sweep_spec.h"

namespace scopa::spec {

/// The same for every spelling of a value: 1 and 1.0 are one.
std::string key_of(const Value& value);

/// The parameters of a file by name, with the values that each can have; numbered from 0 in the
/// order in which they were added. Keeps pointers to the distributions.
class ParameterNames {
 public:
  void add(const std::string& name, const Distribution* distribution);
  void add_derived(const std::string& name);
  void set_kinds(std::size_t i, Kinds kinds) { rows_[i].kinds = kinds; }

  const std::string& name(std::size_t i) const { return rows_[i].name; }
  Kinds kinds(std::size_t i) const { return rows_[i].kinds; }
  /// Null for a derived one.
  const Distribution* distribution(std::size_t i) const { return rows_[i].distribution; }
  std::optional<std::size_t> find(const std::string& full_name) const;
  /// What `name` means to a parameter at `path`: looked for beside its first `scope` names, then
  /// further out, last at the top.
  std::optional<std::size_t> find_near(const std::vector<std::string>& path, std::size_t scope,
                                       std::string_view name) const;
  /// Whether a parameter can have the value; nothing where its values are not listed.
  std::optional<bool> has(std::size_t i, const Value& value) const;
  /// "did you mean `sgd`?" or what it can be.
  std::string values_help(std::size_t i, const Value& value) const;
  /// "did you mean `lr`?" or nothing.
  std::string name_help(const std::string& name) const;
  std::vector<std::string> all() const;

 private:
  struct Row {
    std::string name;
    const Distribution* distribution = nullptr;
    Kinds kinds = kAnyKind;
  };

  std::vector<Row> rows_;
  std::unordered_map<std::string, std::size_t> index_;
  mutable std::map<std::size_t, std::unordered_set<std::string>> keys_;  // of the values asked for
};

/// The names as an expression at one place of the file sees them.
class NearScope final : public Scope {
 public:
  NearScope(const ParameterNames& names, const std::vector<std::string>& path, std::size_t scope)
      : names_(names), path_(path), scope_(scope) {}

  std::optional<std::size_t> find(std::string_view name) const override {
    return names_.find_near(path_, scope_, name);
  }
  Kinds kinds_of(std::size_t i) const override { return names_.kinds(i); }
  std::optional<bool> has(std::size_t i, const Value& value) const override {
    return names_.has(i, value);
  }
  std::string values_help(std::size_t i, const Value& value) const override {
    return names_.values_help(i, value);
  }
  std::vector<std::string> names() const override { return names_.all(); }

 private:
  const ParameterNames& names_;
  const std::vector<std::string>& path_;
  std::size_t scope_;
};

}  // namespace scopa::spec
