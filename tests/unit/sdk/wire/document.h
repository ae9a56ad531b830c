#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace scopa::wire {

/// A page of docs/; the test's target says where they are.
inline std::string read_document(const std::string& name) {
  std::ostringstream text;
  text << std::ifstream(std::string(SCOPA_SOURCE_FOLDER "/docs/") + name).rdbuf();
  EXPECT_GT(text.str().size(), 1000u) << name;
  return text.str();
}

/// Expects `name` for every field, those of nested structs included.
class FieldNames {
 public:
  FieldNames(const std::string& document, std::string_view type)
      : document_(document), type_(type) {}
  template <class T>
  void operator()(std::string_view name, const T& field) {
    EXPECT_NE(document_.find("`" + std::string(name) + "`"), std::string::npos)
        << type_ << ": field `" << name << "` is not described";
    if constexpr (requires { T::fields(field, *this); }) T::fields(field, *this);
  }
  template <class T>
  requires std::is_class_v<T>
  void operator()(std::string_view name, const std::vector<T>&) {
    (*this)(name, 0);
    if constexpr (requires(T item, FieldNames v) { T::fields(item, v); }) {
      T item;
      T::fields(item, *this);
    }
  }
  void code(std::string_view name, std::uint8_t, auto) { (*this)(name, 0); }
  void binary(std::string_view name, const std::string&) { (*this)(name, 0); }
  void binaries(std::string_view name, const std::vector<std::string>&) { (*this)(name, 0); }

 private:
  const std::string& document_;
  std::string_view type_;
};

}  // namespace scopa::wire
