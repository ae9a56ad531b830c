#include "cli/sweep_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "broker/spec/parse.h"
#include "cli/errors.h"
#include "cli/json.h"
#include "cli/token.h"
#include "sdk/base/limits.h"

namespace scopa::cli {

Result<std::string> read_text(const std::string& path) {
  const bool is_stdin = path == "-";
  std::FILE* file = is_stdin ? stdin : std::fopen(path.c_str(), "r");
  if (file == nullptr) {
    const int error = errno;
    return Status(error == ENOENT ? Code::kNotFound : Code::kResource,
                  "cannot read " + path + ": " + std::strerror(error));
  }
  std::string text;
  char buffer[1 << 14];
  std::size_t n = 0;
  while (text.size() <= limits::kSpecBytesMax &&
         (n = std::fread(buffer, 1, sizeof buffer, file)) > 0) {
    text.append(buffer, n);
  }
  const int error = std::ferror(file) != 0 ? errno : 0;
  if (!is_stdin) std::fclose(file);
  if (error != 0) {
    return Status(Code::kResource, "cannot read " + path + ": " + std::strerror(error));
  }
  if (text.size() > limits::kSpecBytesMax) {
    return Status(Code::kInvalidArgument, path + " is larger than " +
                                              std::to_string(limits::kSpecBytesMax >> 10) +
                                              " KiB: that is no sweep file");
  }
  return text;
}

bool read_sweep_file(const Context& context, const std::string& path, SweepFile* file, int* exit) {
  auto text = read_text(path);
  if (!text) {
    Failure f = failure_of(text.status());
    f.file = path;
    *exit = fail(context, f);
    return false;
  }
  file->name = path == "-" ? "stdin" : path;
  file->text = std::move(*text);
  spec::Parsed parsed = spec::parse(file->text);
  if (context.globals.json && !parsed.ok()) {
    Failure f;  // the first error stands for all: `scopa check --json` lists them
    for (const spec::Diagnostic& d : parsed.diagnostics) {
      if (d.severity != spec::Severity::kError) continue;
      f.code = d.code;
      f.message = d.message;
      f.help = d.help;
      f.line = d.line;
      f.column = d.column;
      break;
    }
    f.file = file->name;
    f.exit = kExitInvalid;
    *exit = fail(context, f);
    return false;
  }
  for (const spec::Diagnostic& d : parsed.diagnostics) {
    if (d.severity != spec::Severity::kError && context.globals.quiet) continue;
    if (context.globals.json) continue;
    const std::string shown = spec::render(d, file->name, file->text, context.terminal.err_color);
    std::fwrite(shown.data(), 1, shown.size(), stderr);
    if (!shown.empty() && shown.back() != '\n') std::fputc('\n', stderr);
  }
  if (!parsed.ok()) {
    *exit = kExitInvalid;
    return false;
  }
  file->spec = std::move(parsed.spec);
  return true;
}

wire::Create create_request(const SweepFile& file) {
  wire::Create create;
  create.token = random_token();
  create.file_name = file.name;
  create.spec = file.text;
  return create;
}

}  // namespace scopa::cli
