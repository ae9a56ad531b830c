#include "cli/program_check.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "broker/lint/plan.h"
#include "broker/lint/rules.h"
#include "broker/spec/source_map.h"
#include "cli/run_summary.h"
#include "cli/sweep_plan.h"
#include "sdk/base/command_macros.h"
#include "sdk/base/states.h"
#include "sdk/base/text.h"

namespace scopa::cli {
namespace {

constexpr std::string_view kElf =
    "\x7f"
    "ELF";
constexpr std::size_t kFirstLineMax = 256;  // the kernel reads no more of it

/// Why something cannot be started, and the remedy.
struct Fault {
  std::string what;
  std::string help;
};

std::string here() {
  char* path = realpath(".", nullptr);
  std::string folder = path == nullptr ? "." : path;
  std::free(path);
  return folder;
}

bool is_file(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 && !S_ISDIR(info.st_mode);
}

std::string base_name(std::string_view path) {
  return std::string(path.substr(path.rfind('/') + 1));
}

/// Where a name without a slash is found; empty where it is in no folder of PATH.
std::string found_in_path(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "/bin:/usr/bin" : path;
  while (true) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    const std::string folder = end == 0 ? "." : std::string(rest.substr(0, end));
    const std::string file = folder + "/" + name;
    if (is_file(file) && access(file.c_str(), X_OK) == 0) return file;
    if (end == rest.size()) return {};
    rest.remove_prefix(end + 1);
  }
}

std::string first_line(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string line(kFirstLineMax, '\0');
  file.read(line.data(), static_cast<std::streamsize>(line.size()));
  line.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  return line.substr(0, line.find('\n'));
}

/// What the first line of a script, or the lack of one, stands in the way of.
std::optional<Fault> fault_of_text(const std::string& path) {
  const std::string line = first_line(path);
  if (line.starts_with(kElf)) return {};
  if (!line.starts_with("#!")) {
    return Fault{"`" + path + "` is no program: a script begins with a line such as #!/bin/sh",
                 "write `#!/bin/sh`, or the interpreter that it is for, as its first line"};
  }
  const std::size_t from = std::min(line.find_first_not_of(" \t", 2), line.size());
  const std::string interpreter = line.substr(from, line.find_first_of(" \t\r", from) - from);
  const bool carriage_return = line.ends_with('\r');
  if (!carriage_return && is_file(interpreter)) return {};
  return Fault{
      "`" + path + "` names an interpreter or loader that is not there" +
          (carriage_return ? ": its lines end as on Windows, in CR LF" : ", " + interpreter),
      carriage_return ? "`sed -i 's/\\r$//' " + path + "` takes the CRs away"
                      : "install it, or name another one in the first line"};
}

/// Of what is started itself.
std::optional<Fault> fault_of_program(const std::string& program) {
  if (program.find('/') == std::string::npos) {
    if (!found_in_path(program).empty()) return {};
    const bool is_here = is_file(program);
    return Fault{"there is no program `" + program + "` in PATH" +
                     (is_here ? "; the one in " + here() + " is `./" + program + "`" : ""),
                 is_here ? "write `./" + program + "`" : "install it, or name the path to it"};
  }
  if (!is_file(program)) {
    return Fault{"there is no program `" + program + "` in " + here(),
                 "build it, or correct the path, which begins in the worker's folder"};
  }
  const std::string plain = program.substr(program.starts_with("./") ? 2 : 0);
  const std::string path = program.front() == '/' ? program : here() + "/" + plain;
  if (access(program.c_str(), X_OK) != 0) {
    return Fault{"`" + path + "` may not be executed; try `chmod +x`", "`chmod +x " + path + "`"};
  }
  return fault_of_text(path);
}

/// The argument that is started: `env` only starts what follows its options and assignments.
std::size_t started(const std::vector<std::string>& argv) {
  if (base_name(argv[0]) != "env") return 0;
  for (std::size_t i = 1; i < argv.size(); ++i) {
    if (!argv[i].starts_with('-') && argv[i].find('=') == std::string::npos) return i;
  }
  return 0;
}

/// A script that an interpreter is to read must be there, and needs no more than that.
std::optional<Fault> fault_of_script(const spec::SweepSpec& spec,
                                     const std::vector<std::string>& argv, std::size_t program) {
  const bool python = base_name(argv[program]).starts_with("python");
  for (std::size_t i = program + 1; i < argv.size(); ++i) {
    const bool named = argv[i] == spec.program;
    const bool first = python && i == program + 1 && argv[i].ends_with(".py");
    if ((!named && !first) || is_file(argv[i])) continue;
    return Fault{"there is no file `" + argv[i] + "` in " + here(),
                 "correct the path, which begins in the worker's folder"};
  }
  return {};
}

spec::Diagnostic diagnostic(const spec::SourceMap& map, const std::string& path,
                            spec::Severity severity, const Fault& fault) {
  spec::Diagnostic d = map.diagnostic(severity, lint::row_of(lint::Rule::kNoProgram).code, path,
                                      printable(fault.what, 500), printable(fault.help, 500));
  return d;
}

}  // namespace

std::optional<std::vector<std::string>> command_line(const spec::SweepSpec& spec,
                                                     const Params& params) {
  const auto variable = [](std::string_view name) -> std::optional<std::string> {
    const char* value = std::getenv(std::string(name).c_str());
    return value == nullptr ? "${envvar:" + std::string(name) + "}" : std::string(value);
  };
  auto argv = expand_command(spec.command, spec.program, params, variable, "params.json");
  if (!argv) return {};
  return *std::move(argv);
}

std::vector<spec::Diagnostic> check_program(const spec::SweepSpec& spec, std::string_view text,
                                            const Params& params) {
  const spec::SourceMap map(text);
  const auto argv = command_line(spec, params);
  if (!argv) {
    if (!spec.program.empty() || !spec.command.empty()) return {};
    return {diagnostic(map, "method", spec::Severity::kAdvice,
                       {"the file names no program: `scopa run` and `scopa worker` have nothing to "
                        "start",
                        "write `program: ./train`; a trainer that calls `run_worker` needs none"})};
  }
  const std::size_t program = started(*argv);
  const std::string path = map.has("program") ? "program" : "command";
  std::vector<spec::Diagnostic> found;
  if (const auto fault = fault_of_program((*argv)[program])) {
    found.push_back(diagnostic(map, path, spec::Severity::kWarning, *fault));
  } else if (const auto missing = fault_of_script(spec, *argv, program)) {
    found.push_back(diagnostic(map, path, spec::Severity::kWarning, *missing));
  }
  return found;
}

std::optional<Failure> cannot_start(const spec::SweepSpec& spec, std::string_view text,
                                    const std::string& file) {
  const auto found = check_program(spec, text, first_of(lint::make_plan(spec, 1)));
  if (found.empty()) return {};
  Failure f;
  f.exit = kExitUsage;
  f.code = "S135";
  f.message = "no trial can be started here: " + found.front().message;
  f.help = found.front().help;
  f.file = file;
  f.line = found.front().line;
  f.column = found.front().column;
  return f;
}

std::optional<Failure> cannot_start(Link& link, const wire::SweepInfo& sweep,
                                    const Context& context) {
  if (has_ended(static_cast<SweepState>(sweep.state))) return {};
  const auto reply =
      ask<wire::SweepReply>(link, wire::GetSweep{.sweep = sweep.id, .with_spec = true});
  if (!reply) return {};
  const spec::Parsed parsed = spec::parse(reply->spec);
  if (!parsed.ok()) return {};
  auto f = cannot_start(parsed.spec, reply->spec, reply->file_name);
  if (f) {
    f->help += "; or mend the sweep's file: `scopa edit " + sweep.id + folder_option(context) + "`";
  }
  return f;
}

}  // namespace scopa::cli
