#include "sdk/journal/trial_header.h"

#include <cstdint>
#include <cstring>
#include <type_traits>
#include <variant>

namespace scopa::journal {
namespace {

template <class T>
void put(T number, std::string* out) {
  static_assert(std::is_trivially_copyable_v<T>);
  out->append(reinterpret_cast<const char*>(&number), sizeof number);
}

void put_text(std::string_view text, std::string* out) {
  put(static_cast<std::uint32_t>(text.size()), out);
  out->append(text);
}

void put_value(const Value& value, std::string* out) {
  put(static_cast<std::uint8_t>(value.index()), out);
  if (const auto* flag = std::get_if<bool>(&value)) {
    put(static_cast<std::uint8_t>(*flag ? 1 : 0), out);
  } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    put(*integer, out);
  } else if (const auto* real = std::get_if<double>(&value)) {
    put(*real, out);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    put_text(*text, out);
  } else if (const auto* composite = std::get_if<Composite>(&value)) {
    put_text(composite->json, out);
  }
}

// Takes fields off the front of the bytes. Once one did not fit, all that follow are empty.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  template <class T>
  T number() {
    T value{};
    if (rest_.size() < sizeof value) {
      fail();
    } else {
      std::memcpy(&value, rest_.data(), sizeof value);
      rest_.remove_prefix(sizeof value);
    }
    return value;
  }

  std::string text() {
    const auto bytes = number<std::uint32_t>();
    if (bytes > rest_.size()) {
      fail();
      return {};
    }
    std::string value(rest_.substr(0, bytes));
    rest_.remove_prefix(bytes);
    return value;
  }

  Value value() {
    switch (number<std::uint8_t>()) {
      case 0:
        return std::monostate{};
      case 1:
        return number<std::uint8_t>() != 0;
      case 2:
        return number<std::int64_t>();
      case 3:
        return number<double>();
      case 4:
        return text();
      case 5:
        return Composite{text()};
      default:
        fail();
        return std::monostate{};
    }
  }

  bool failed() const { return failed_; }
  bool at_end() const { return rest_.empty(); }

 private:
  void fail() {
    failed_ = true;
    rest_ = {};
  }

  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace

std::string encode_trial_header(const TrialHeader& header) {
  std::string out;
  put_text(header.sweep, &out);
  put_text(header.sweep_name, &out);
  put(header.trial, &out);
  put(header.attempt, &out);
  put(header.seed, &out);
  put_text(header.metric, &out);
  put_text(header.folder, &out);
  put(static_cast<std::uint32_t>(header.params.size()), &out);
  for (const Param& param : header.params) {
    put_text(param.name, &out);
    put_value(param.value, &out);
  }
  put_text(header.checkpoint, &out);
  put(header.resume_step, &out);
  return out;
}

Result<TrialHeader> decode_trial_header(std::string_view bytes) {
  Reader reader(bytes);
  TrialHeader header;
  header.sweep = reader.text();
  header.sweep_name = reader.text();
  header.trial = reader.number<std::uint64_t>();
  header.attempt = reader.number<std::uint32_t>();
  header.seed = reader.number<std::uint64_t>();
  header.metric = reader.text();
  header.folder = reader.text();
  const auto params = reader.number<std::uint32_t>();
  for (std::uint32_t i = 0; i < params && !reader.failed(); ++i) {
    Param param;
    param.name = reader.text();
    param.value = reader.value();
    header.params.push_back(std::move(param));
  }
  header.checkpoint = reader.text();
  header.resume_step = reader.number<std::int64_t>();
  if (reader.failed() || !reader.at_end()) {
    return Status(Code::kCorruption, "journal: the trial header is damaged");
  }
  return header;
}

}  // namespace scopa::journal
