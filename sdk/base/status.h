#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace scopa {

/// Why something failed, named by what the caller should do. On the wire and in the C ABI:
/// append, never renumber.
enum class Code : std::int32_t {
  kOk = 0,
  kInvalidArgument = 1,   ///< the request is wrong; sending it again cannot help
  kNotFound = 2,          ///< there is no such sweep, trial or file
  kConflict = 3,          ///< the lease or version moved on; read again, then decide
  kUnavailable = 4,       ///< transient; retry with backoff
  kDeadlineExceeded = 5,  ///< it may have happened; retry only under the same request id
  kCorruption = 6,        ///< stored data cannot be trusted; stop writing
  kHelloRequired = 7,     ///< the broker does not know this connection; say hello, then again
  kUnsupported = 8,       ///< a protocol or schema version that this build does not speak
  kResource = 9,          ///< disk full, no such device, too many files
  kDenied = 10,           ///< the key, or its role, does not allow it; another key may
};

std::string_view code_name(Code code);

/// Success, or a code, one sentence for a person, and (maybe) the remedy.
///
/// Cheap to copy when ok. Not thread-safe; it is a value.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Code code, std::string message, std::string help = {})
      : code_(code), message_(std::move(message)), help_(std::move(help)) {}

  static Status ok() { return {}; }
  bool is_ok() const { return code_ == Code::kOk; }
  explicit operator bool() const { return is_ok(); }
  Code code() const { return code_; }
  const std::string& message() const { return message_; }
  /// What the user can do about it; empty where nothing is known.
  const std::string& help() const { return help_; }
  /// The same failure with `context: ` in front of its message.
  Status with_prefix(std::string_view context) const;
  /// "not found: no sweep `x`; help: ..." for logs and tests.
  std::string to_string() const;

 private:
  Code code_ = Code::kOk;
  std::string message_;
  std::string help_;
};

/// A value of T, or the Status that says why there is none.
///
/// `value()` on a failure is a bug of the caller and ends the process.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Status status) : state_(std::in_place_index<1>, std::move(status)) {}

  bool is_ok() const { return state_.index() == 0; }
  explicit operator bool() const { return is_ok(); }
  T& value() & { return *std::get_if<0>(&state_); }
  const T& value() const& { return *std::get_if<0>(&state_); }
  T&& value() && { return std::move(*std::get_if<0>(&state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  /// The failure; an ok status when there is a value.
  Status status() const { return is_ok() ? Status::ok() : *std::get_if<1>(&state_); }

 private:
  std::variant<T, Status> state_;
};

#define SCOPA_CONCAT_INNER(a, b) a##b
#define SCOPA_CONCAT(a, b) SCOPA_CONCAT_INNER(a, b)

#define SCOPA_RETURN_IF_ERROR(expr)                                                \
  do {                                                                             \
    if (::scopa::Status scopa_status = (expr); !scopa_status) return scopa_status; \
  } while (false)

#define SCOPA_ASSIGN_OR_RETURN(lhs, expr) \
  SCOPA_ASSIGN_OR_RETURN_INNER(SCOPA_CONCAT(scopa_result_, __LINE__), lhs, expr)
#define SCOPA_ASSIGN_OR_RETURN_INNER(result, lhs, expr) \
  auto result = (expr);                                 \
  if (!result) return result.status();                  \
  lhs = std::move(result).value()

}  // namespace scopa
