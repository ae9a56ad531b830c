#include "sdk/base/command_macros.h"

#include <algorithm>
#include <array>
#include <utility>

#include "sdk/base/config_text.h"
#include "sdk/base/text.h"

namespace scopa {
namespace {

enum class Macro {
  kEnv,
  kInterpreter,
  kProgram,
  kArgs,
  kArgsNoEquals,
  kArgsNoHyphens,
  kArgsNoBooleanFlags,
  kArgsAppendHydra,
  kArgsOverrideHydra,
  kArgsJson,
  kArgsJsonFile,
  kArgsSpread,
  kArgsNestedJson,
  kArgsNestedJsonFile,
  kArgsNestedYamlFile,
  kEnvVar,
  kParam,
  kUnknown,
};

struct MacroRow {
  std::string_view name;
  Macro macro;
  bool one_argument;
};

constexpr std::array kMacros = {
    MacroRow{"env", Macro::kEnv, true},
    MacroRow{"interpreter", Macro::kInterpreter, true},
    MacroRow{"program", Macro::kProgram, true},
    MacroRow{"args", Macro::kArgs, false},
    MacroRow{"args_no_equals", Macro::kArgsNoEquals, false},
    MacroRow{"args_no_hyphens", Macro::kArgsNoHyphens, false},
    MacroRow{"args_no_boolean_flags", Macro::kArgsNoBooleanFlags, false},
    MacroRow{"args_append_hydra", Macro::kArgsAppendHydra, false},
    MacroRow{"args_override_hydra", Macro::kArgsOverrideHydra, false},
    MacroRow{"args_json", Macro::kArgsJson, true},
    MacroRow{"args_json_file", Macro::kArgsJsonFile, true},
    MacroRow{"args_spread", Macro::kArgsSpread, false},
    MacroRow{"args_nested_json", Macro::kArgsNestedJson, true},
    MacroRow{"args_nested_json_file", Macro::kArgsNestedJsonFile, true},
    MacroRow{"args_nested_yaml_file", Macro::kArgsNestedYamlFile, true},
};
constexpr std::string_view kEnvVarPrefix = "envvar:";
constexpr std::string_view kParamPrefix = "param:";

bool is_variable_name(std::string_view name) {
  return !name.empty() && !(name.front() >= '0' && name.front() <= '9') &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_';
         });
}

// `text` up to a macro, the macro's inside, and what follows it.
struct Split {
  std::string_view before, name, after;
  bool found = false;
};

Split next_macro(std::string_view text) {
  const std::size_t start = text.find("${");
  const std::size_t end = start == std::string_view::npos ? start : text.find('}', start);
  if (end == std::string_view::npos) return {text, {}, {}, false};
  return {text.substr(0, start), text.substr(start + 2, end - start - 2), text.substr(end + 1),
          true};
}

struct Found {
  Macro macro = Macro::kUnknown;
  bool one_argument = false;
  std::optional<Words> words;  // named after a colon
};

std::optional<Words> words_named(std::string_view name) {
  if (name == "python") return Words::kPython;
  if (name == "json") return Words::kJson;
  return std::nullopt;
}

Found find_macro(std::string_view name) {
  if (name.starts_with(kEnvVarPrefix)) return {Macro::kEnvVar, true, {}};
  if (name.starts_with(kParamPrefix) && name != kParamPrefix) return {Macro::kParam, true, {}};
  const std::size_t colon = name.find(':');
  for (const MacroRow& row : kMacros) {
    if (row.name != name.substr(0, colon)) continue;
    if (colon == std::string_view::npos) return {row.macro, row.one_argument, {}};
    const auto words = words_named(name.substr(colon + 1));
    if (words && !row.one_argument) return {row.macro, false, words};
  }
  return {};
}

Status unknown_macro(std::string_view name) {
  std::vector<std::string> names;
  for (const MacroRow& row : kMacros) names.emplace_back(row.name);
  const std::string_view base = name.substr(0, name.find(':'));
  const std::string match = closest_match(base, names);
  std::string help;
  if (base != name && find_macro(base).macro != Macro::kUnknown) {
    help = find_macro(base).one_argument
               ? "write `${" + std::string(base) + "}`: it has no words to choose"
               : "after the colon stands `python` (True, False, None) or `json` "
                 "(true, false, null)";
  } else if (!match.empty()) {
    help = "did you mean `${" + match + "}`?";
  } else if (is_variable_name(name)) {
    help = "for the environment variable write `${envvar:" + std::string(name) + "}`";
  } else {
    help = "the macros are";
    for (const std::string& known : names) help += " ${" + known + "}";
    help += " ${envvar:NAME} ${param:NAME}";
  }
  return {Code::kInvalidArgument, "unknown command macro `${" + std::string(name) + "}`",
          std::move(help)};
}

struct Context {
  const std::string& program;
  const Params& params;
  const std::function<std::optional<std::string>(std::string_view)>& env;
  std::string_view stem;  // of configuration files
  Words words;            // for booleans and null, where a macro names none
};

std::string file_of(Macro macro, std::string_view stem) {
  const std::string_view extension = macro == Macro::kArgsJsonFile         ? ".json"
                                     : macro == Macro::kArgsNestedJsonFile ? ".nested.json"
                                                                           : ".nested.yaml";
  return std::string(stem).append(extension);
}

std::string text_of(Macro macro, const Params& params) {
  if (macro == Macro::kArgsJsonFile) return to_json(params);
  if (macro == Macro::kArgsNestedJsonFile) return to_nested_json(params);
  std::string yaml = to_nested_yaml(params);
  yaml.pop_back();  // the line break
  return yaml;
}

Result<std::string> expand_one(Macro macro, std::string_view name, const Context& context) {
  switch (macro) {
    case Macro::kEnv:
      return std::string("/usr/bin/env");
    case Macro::kInterpreter:
      return std::string("python");
    case Macro::kProgram:
      if (!context.program.empty()) return context.program;
      return Status{Code::kInvalidArgument, "the sweep has no `program` to run",
                    "add `program: path/to/trainer` to the sweep file"};
    case Macro::kArgsJson:
      return to_json(context.params);
    case Macro::kArgsNestedJson:
      return to_nested_json(context.params);
    case Macro::kArgsJsonFile:
    case Macro::kArgsNestedJsonFile:
    case Macro::kArgsNestedYamlFile:
      return file_of(macro, context.stem);
    case Macro::kEnvVar: {
      const std::string_view variable = name.substr(kEnvVarPrefix.size());
      if (const auto value = context.env(variable)) return *value;
      return Status{Code::kInvalidArgument,
                    "environment variable `" + std::string(variable) + "` is not set",
                    "the sweep's command needs it: set it where the worker starts"};
    }
    case Macro::kParam: {
      // Absent where a condition makes it inactive: which names there are is the sweep file's
      // check.
      const Value* value =
          find_param(context.params, std::string(name.substr(kParamPrefix.size())));
      return value == nullptr ? std::string() : to_text(*value, context.words);
    }
    default:
      return unknown_macro(name);
  }
}

bool is_hydra(Macro macro) {
  return macro == Macro::kArgsAppendHydra || macro == Macro::kArgsOverrideHydra;
}

void expand_param(Macro macro, const Param& param, Words words,
                  std::vector<std::string>* arguments) {
  const std::string value = to_text(param.value, words);
  const std::string pair = param.name + '=' + value;
  switch (macro) {
    case Macro::kArgsNoEquals:
      arguments->push_back("--" + param.name);
      arguments->push_back(value);
      return;
    case Macro::kArgsNoHyphens:
      arguments->push_back(pair);
      return;
    case Macro::kArgsNoBooleanFlags:
      if (const bool* flag = std::get_if<bool>(&param.value)) {
        if (*flag) arguments->push_back("--" + param.name);
        return;
      }
      break;
    case Macro::kArgsAppendHydra:
      arguments->push_back('+' + pair);
      return;
    case Macro::kArgsOverrideHydra:
      arguments->push_back("++" + pair);
      return;
    case Macro::kArgsSpread:
      if (const auto items = list_items(param.value)) {
        arguments->push_back("--" + param.name);
        for (const Value& item : *items) arguments->push_back(to_text(item, words));
        return;
      }
      break;
    default:
      break;
  }
  arguments->push_back("--" + pair);
}

// The name of the macro that the whole part is, if it is one.
std::optional<std::string_view> whole_macro(std::string_view part) {
  const Split split = next_macro(part);
  if (!split.found || !split.before.empty() || !split.after.empty()) return std::nullopt;
  return split.name;
}

Result<std::string> expand_inside(std::string_view part, const Context& context) {
  std::string text;
  while (true) {
    const Split split = next_macro(part);
    text += split.before;
    if (!split.found) return text;
    const Found found = find_macro(split.name);
    if (found.one_argument) {
      SCOPA_ASSIGN_OR_RETURN(const std::string value, expand_one(found.macro, split.name, context));
      text += value;
    } else {
      text.append("${").append(split.name).append("}");
    }
    part = split.after;
  }
}

// Whether an item of a command runs a Python program: an interpreter, a
// launcher of such programs, or a script.
bool runs_python(std::string_view item) {
  if (item.ends_with(".py") || item.find("${interpreter}") != std::string_view::npos) return true;
  item.remove_prefix(item.rfind('/') + 1);  // npos + 1 is 0
  for (const std::string_view launcher : {"torchrun", "accelerate", "deepspeed"}) {
    if (item == launcher) return true;
  }
  for (const std::string_view interpreter : {"python", "pypy"}) {
    if (!item.starts_with(interpreter)) continue;
    const std::string_view version = item.substr(interpreter.size());
    return version.find_first_not_of("0123456789.") == std::string_view::npos;
  }
  return false;
}

std::vector<std::string> default_command(const std::string& program) {
  if (program.ends_with(".py")) return {"${env}", "${interpreter}", "${program}", "${args}"};
  return {"${program}", "${args}"};
}

}  // namespace

Status check_command_part(std::string_view part) {
  const bool whole = whole_macro(part).has_value();
  for (Split split = next_macro(part); split.found; split = next_macro(split.after)) {
    const Found found = find_macro(split.name);
    if (found.macro == Macro::kEnvVar &&
        !is_variable_name(split.name.substr(kEnvVarPrefix.size()))) {
      return {Code::kInvalidArgument, "`${" + std::string(split.name) + "}` names no variable",
              "write `${envvar:NAME}`"};
    }
    if (found.macro == Macro::kUnknown && whole) return unknown_macro(split.name);
    if (found.macro != Macro::kUnknown && !found.one_argument && !whole) {
      return {Code::kInvalidArgument,
              "`${" + std::string(split.name) + "}` is several arguments and cannot be part of one",
              "make it an argument of its own, or use `${args_json}`"};
    }
  }
  return Status::ok();
}

Words words_of(const std::vector<std::string>& command, const std::string& program) {
  for (const std::string& part : command.empty() ? default_command(program) : command) {
    const auto whole = whole_macro(part);
    if (whole && find_macro(*whole).macro != Macro::kUnknown && !find_macro(*whole).one_argument) {
      break;
    }
    const bool is_program = part.find("${program}") != std::string::npos;
    if (runs_python(is_program ? std::string_view(program) : part)) return Words::kPython;
  }
  return Words::kJson;
}

std::vector<std::string> macros_without_words(const std::vector<std::string>& command) {
  std::vector<std::string> names;
  if (command.empty()) names.emplace_back("args");
  for (const std::string& part : command) {
    const auto whole = whole_macro(part);
    if (!whole) continue;
    const Found found = find_macro(*whole);
    if (found.macro == Macro::kUnknown || found.one_argument) continue;
    if (!found.words && !is_hydra(found.macro)) names.emplace_back(*whole);
  }
  return names;
}

std::vector<ConfigFile> config_files(const std::vector<std::string>& command, const Params& params,
                                     std::string_view stem) {
  std::vector<ConfigFile> files;
  for (const Macro macro :
       {Macro::kArgsJsonFile, Macro::kArgsNestedJsonFile, Macro::kArgsNestedYamlFile}) {
    const bool named = std::any_of(command.begin(), command.end(), [&](std::string_view part) {
      for (Split split = next_macro(part); split.found; split = next_macro(split.after)) {
        if (find_macro(split.name).macro == macro) return true;
      }
      return false;
    });
    if (named) files.push_back({file_of(macro, stem), text_of(macro, params)});
  }
  return files;
}

std::vector<MacroUse> macros_of(std::string_view part) {
  std::vector<MacroUse> uses;
  for (Split split = next_macro(part); split.found; split = next_macro(split.after)) {
    MacroUse use;
    use.inside = split.name;
    use.is_known = find_macro(split.name).macro != Macro::kUnknown;
    if (split.name.starts_with(kParamPrefix)) use.param = split.name.substr(kParamPrefix.size());
    uses.push_back(use);
  }
  return uses;
}

Result<std::vector<std::string>> expand_command(
    const std::vector<std::string>& command, const std::string& program, const Params& params,
    const std::function<std::optional<std::string>(std::string_view)>& env, std::string_view stem) {
  const Words words = words_of(command, program);
  const Context context{program, params, env, stem, words};
  std::vector<std::string> arguments;
  for (const std::string& part : command.empty() ? default_command(program) : command) {
    SCOPA_RETURN_IF_ERROR(check_command_part(part));
    const auto whole = whole_macro(part);
    const Found found = whole ? find_macro(*whole) : Found{};
    if (whole && !found.one_argument) {
      const Words own = found.words.value_or(is_hydra(found.macro) ? Words::kJson : words);
      for (const Param& param : params) expand_param(found.macro, param, own, &arguments);
      continue;
    }
    SCOPA_ASSIGN_OR_RETURN(std::string argument, expand_inside(part, context));
    arguments.push_back(std::move(argument));
  }
  if (arguments.empty() || arguments.front().empty()) {
    return Status{Code::kInvalidArgument, "the sweep's command has nothing to run",
                  "add `program: path/to/trainer` to the sweep file, or a `command`"};
  }
  for (const std::string& argument : arguments) {
    if (argument.find('\0') != std::string::npos) {
      return Status{Code::kInvalidArgument, "an argument of the command has a NUL character in it"};
    }
  }
  return arguments;
}

}  // namespace scopa
