#include "cli/sweep_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "broker/spec/parse.h"
#include "cli/errors.h"
#include "cli/json.h"
#include "cli/token.h"
#include "sdk/base/limits.h"

namespace scopa::cli {

namespace {

using std::chrono::milliseconds;

Status cannot_read(const std::string& path, int error) {
  return {error == ENOENT ? Code::kNotFound : Code::kResource,
          "cannot read " + path + ": " + std::strerror(error)};
}

/// The next bytes; none at the end. A pipe that nobody writes into would be waited for for ever.
Result<std::size_t> read_some(int file, const std::string& path, milliseconds patience,
                              bool nothing_yet, char* to, std::size_t size) {
  struct stat info {};
  const bool is_pipe = fstat(file, &info) == 0 && S_ISFIFO(info.st_mode) && path != "-";
  while (true) {
    const ssize_t n = read(file, to, size);
    const bool waits = n < 0 && errno == EAGAIN;
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && !waits) return cannot_read(path, errno);
    // Opened without waiting, a pipe also looks as if it had ended while nobody has opened it yet.
    if (!waits && !(n == 0 && is_pipe && nothing_yet)) return static_cast<std::size_t>(n);
    pollfd item{file, POLLIN, 0};
    if (poll(&item, 1, static_cast<int>(patience.count())) <= 0) {
      return Status{Code::kResource, "cannot read " + path + ": nobody writes into this pipe",
                    "name a file, or `-` for the standard input"};
    }
    if ((item.revents & POLLIN) == 0) return std::size_t{0};
  }
}

Result<std::string> read_all(int file, const std::string& path, milliseconds patience) {
  std::string text;
  std::array<char, 1 << 14> buffer{};
  while (text.size() <= limits::kSpecBytesMax) {
    SCOPA_ASSIGN_OR_RETURN(const std::size_t n, read_some(file, path, patience, text.empty(),
                                                          buffer.data(), buffer.size()));
    if (n == 0) break;
    text.append(buffer.data(), n);
  }
  return text;
}

}  // namespace

Result<std::string> read_text(const std::string& path, milliseconds patience) {
  const bool is_stdin = path == "-";
  const int file = is_stdin ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (file < 0) return cannot_read(path, errno);
  auto text = read_all(file, path, patience);
  if (!is_stdin) close(file);
  if (!text) return text;
  if (text->size() > limits::kSpecBytesMax) {
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
