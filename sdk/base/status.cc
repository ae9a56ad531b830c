#include "sdk/base/status.h"

namespace scopa {

std::string_view code_name(Code code) {
  switch (code) {
    case Code::kOk:
      return "ok";
    case Code::kInvalidArgument:
      return "invalid argument";
    case Code::kNotFound:
      return "not found";
    case Code::kConflict:
      return "conflict";
    case Code::kUnavailable:
      return "unavailable";
    case Code::kDeadlineExceeded:
      return "deadline exceeded";
    case Code::kCorruption:
      return "corruption";
    case Code::kHelloRequired:
      return "hello required";
    case Code::kUnsupported:
      return "unsupported";
    case Code::kResource:
      return "resource";
    case Code::kDenied:
      return "denied";
  }
  return "unknown";
}

Status Status::with_prefix(std::string_view context) const {
  if (is_ok()) return *this;
  return {code_, std::string(context) + ": " + message_, help_};
}

std::string Status::to_string() const {
  if (is_ok()) return "ok";
  std::string text = std::string(code_name(code_)) + ": " + message_;
  if (!help_.empty()) text += "; help: " + help_;
  return text;
}

}  // namespace scopa
