#include "cli/errors.h"

#include <cstdio>

#include "cli/json.h"
#include "sdk/base/text.h"

namespace scopa::cli {
namespace {

/// Strangers' text may reach here: names, stderr of trainers. Line breaks stay.
std::string safe(const std::string& text) {
  std::string out;
  std::size_t start = 0;
  while (start <= text.size()) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    out += printable(std::string_view(text).substr(start, end - start), 4096);
    if (end == text.size()) break;
    out += '\n';
    start = end + 1;
  }
  return out;
}

}  // namespace

Failure failure_of(const Status& status) {
  Failure f;
  f.message = status.message();
  f.help = status.help();
  switch (status.code()) {
    case Code::kNotFound:
      f.code = "S120";
      f.exit = kExitNotFound;
      break;
    case Code::kUnavailable:
      f.code = "S122";
      f.exit = kExitUnreachable;
      break;
    case Code::kDenied:
      f.code = "S121";
      f.exit = kExitUnreachable;
      break;
    case Code::kConflict:
      f.code = "S123";
      break;
    case Code::kUnsupported:
      f.code = "S124";
      break;
    case Code::kCorruption:
      f.code = "S125";
      break;
    case Code::kResource:
      f.code = "S126";
      break;
    case Code::kDeadlineExceeded:
      f.code = "S127";
      f.exit = kExitUnreachable;
      break;
    case Code::kInvalidArgument:
      f.code = "S128";
      break;
    case Code::kHelloRequired:
    case Code::kOk:
      f.code = "S129";
      break;
  }
  return f;
}

std::string render(const Failure& f, bool json, bool color) {
  if (json) {
    JsonFields fields = {{"code", json_text(f.code)}, {"message", json_text(f.message)}};
    if (!f.details.empty()) fields.emplace_back("details", json_text(f.details));
    fields.emplace_back("help", f.help.empty() ? "null" : json_text(f.help));
    if (!f.file.empty()) {
      fields.emplace_back("file", json_text(f.file));
      fields.emplace_back("line", f.line > 0 ? std::to_string(f.line) : "null");
      fields.emplace_back("column", f.column > 0 ? std::to_string(f.column) : "null");
    }
    return json_document({{"error", json_object(fields)}});
  }
  std::string out = styled("error", Style::kRed, color) +
                    (f.code.empty() ? "" : styled("[" + f.code + "]", Style::kRed, color)) + ": " +
                    safe(f.message) + "\n";
  if (!f.details.empty()) {
    out += safe(f.details);
    if (out.back() != '\n') out += '\n';
  }
  if (!f.help.empty()) out += styled("help", Style::kCyan, color) + ": " + safe(f.help) + "\n";
  return out;
}

int fail(const Context& context, const Failure& failure) {
  std::fflush(stdout);
  Failure reached = failure;
  reached.help = reaching(context, failure.help);
  const std::string text = render(reached, context.globals.json, context.terminal.err_color);
  std::fwrite(text.data(), 1, text.size(), stderr);
  return failure.exit;
}

int fail(const Context& context, const Status& status) { return fail(context, failure_of(status)); }

int fail_as_usage(const Context& context, const Status& status) {
  Failure failure = failure_of(status);
  failure.exit = kExitUsage;
  return fail(context, failure);
}

int fail_usage(const Context& context, const std::string& message, const std::string& command) {
  Failure f;
  f.exit = kExitUsage;
  f.code = "S102";
  f.message = message;
  f.help = "see `" + command + " --help`";
  return fail(context, f);
}

}  // namespace scopa::cli
