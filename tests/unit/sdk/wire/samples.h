#pragma once

#include <string>
#include <vector>

#include "sdk/base/point_block.h"
#include "sdk/wire/messages.h"

namespace scopa::wire {

/// Gives every field a value that is not its default, each a different one.
class Filler {
 public:
  template <class T>
  void operator()(std::string_view, T& field) {
    fill(field);
  }
  template <class Enum>
  void code(std::string_view, std::uint8_t& field, Enum last) {
    field = static_cast<std::uint8_t>(last);
  }
  void binary(std::string_view, std::string& field) { field = std::string("\0\xff\x80", 3); }
  void binaries(std::string_view, std::vector<std::string>& fields) { fields = {"", "\xc1"}; }

 private:
  void fill(bool& field) { field = true; }
  void fill(double& field) { field = 0.1 + next(); }
  void fill(std::string& field) { field = "text " + std::to_string(next()); }
  void fill(Params& field) {
    field = {{"z", std::monostate{}},
             {"a.b", true},
             {"n", std::int64_t{-5}},
             {"r", 1.0},
             {"s", "adam"},
             {"c", Composite{"[1,2]"}},
             {"big", std::int64_t{1} << 62}};
  }
  template <class T>
  requires std::is_integral_v<T>
  void fill(T& field) {
    field = static_cast<T>(next());
    if (std::is_signed_v<T>) field = static_cast<T>(-field);
  }
  template <class T>
  void fill(std::vector<T>& field) {
    field.resize(2);
    for (T& item : field) fill(item);
  }
  template <class T>
  requires std::is_class_v<T>
  void fill(T& field) { T::fields(field, *this); }
  int next() { return ++last_ % 100; }

  int last_ = 0;
};

template <std::size_t I = 0>
void append_samples(std::vector<Message>* samples) {
  if constexpr (I < std::variant_size_v<Message>) {
    std::variant_alternative_t<I, Message> m;
    Filler filler;
    m.fields(m, filler);
    samples->emplace_back(m);
    append_samples<I + 1>(samples);
  }
}

/// One message of each kind with every field set.
inline std::vector<Message> every_message() {
  std::vector<Message> samples;
  append_samples(&samples);
  return samples;
}

/// `n` points of two metrics.
inline PointBlock sample_points(std::size_t n) {
  PointBlock block;
  block.metrics = {"loss", "acc"};
  for (std::size_t i = 0; i < n; ++i) {
    block.metric.push_back(static_cast<std::uint16_t>(i % 2));
    block.step.push_back(static_cast<std::int64_t>(100 + i / 2));
    block.value.push_back(1.0 / static_cast<double>(i + 1));
    block.time_us.push_back(1'700'000'000'000'000 + static_cast<std::int64_t>(i) * 1000);
  }
  return block;
}

}  // namespace scopa::wire
