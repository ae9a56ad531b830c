#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/base/program_text.h"
#include "sdk/base/status.h"
#include "sdk/base/value.h"

/// The macros of a sweep file's `command`: W&B's, as its agent has them, and
/// Scopa's own.
///
/// As an argument of its own:
///
///     ${env}                    /usr/bin/env
///     ${interpreter}            python
///     ${program}                the sweep file's `program`
///     ${args}                   --lr=0.1 --layers=3        each its own
///     argument
///     ${args_no_equals}         --lr 0.1 --layers 3        two arguments each
///     ${args_no_hyphens}        lr=0.1 layers=3
///     ${args_no_boolean_flags}  like ${args}, but true is --flag and false is
///     left out
///     ${args_append_hydra}      +lr=0.1
///     ${args_override_hydra}    ++lr=0.1
///     ${args_json}              {"lr":0.1,"layers":3}      one argument
///     ${args_json_file}         the path of a file with that text
///     ${envvar:NAME}            an environment variable of the worker
///     ${param:NAME}             the value of one parameter; empty text while it is inactive
///
/// Scopa's own:
///
///     ${args_spread}            like ${args}, but a list is --sizes 64 32:
///     each item its own argument
///     ${args_nested_json}       {"optimizer":{"lr":0.1}}   groups as objects,
///     one argument
///     ${args_nested_json_file}  the path of a file with that text
///     ${args_nested_yaml_file}  the path of a file with the same in YAML
///     ${args:python}            ${args} with True, False and None, whatever
///     the program is
///     ${args:json}              ${args} with true, false and null; both fit
///     every macro of several arguments
///
/// Those that stand for exactly one argument may also be part of one:
/// `--config=${args_json_file}`. Any other `${...}` inside an argument is left
/// as it is, for a shell. A nested parameter has its dotted name everywhere but
/// in the nested forms: `--optimizer.lr=0.1`.
namespace scopa {

/// Whether one argument's macros are known and well placed. Errors:
/// kInvalidArgument, with did-you-mean.
Status check_command_part(std::string_view part);

/// One `${...}` of a command's argument.
struct MacroUse {
  std::string_view inside;  ///< what stands between the braces
  bool is_known = false;    ///< a macro of the above, else left as it is
  std::string_view param;   ///< of ${param:NAME} the name
};
/// All of them, in order. They point into `part`.
std::vector<MacroUse> macros_of(std::string_view part);

/// The words for booleans and null of macros that name none: Python's where the
/// command starts a Python program, which is `program` where that ends in
/// `.py`, or what an item before the parameters says (`${interpreter}`,
/// `python3.11`, `torchrun`, `train.py`). Hydra's forms have JSON's, which are
/// those of its grammar.
Words words_of(const std::vector<std::string>& command, const std::string& program);

/// Of the command's macros of several arguments those that take words_of();
/// empty where each names its words.
std::vector<std::string> macros_without_words(const std::vector<std::string>& command);

/// A file that a macro names, and its text without a last line break.
struct ConfigFile {
  std::string path;
  std::string text;
};

/// The files that the command's macros name. `stem` is their path up to the
/// extension.
std::vector<ConfigFile> config_files(const std::vector<std::string>& command, const Params& params,
                                     std::string_view stem);

/// The command to run: `command` with its macros replaced; when it is empty,
/// `${program} ${args}` for a native trainer, or W&B's `${env} ${interpreter}
/// ${program} ${args}` when `program` ends in
/// `.py`.
///
/// `env` looks up a variable of the worker. `stem` is that of config_files(),
/// which the caller writes. Errors: kInvalidArgument for an unknown macro, a
/// variable that is not set, no program, nothing to run, or a NUL character.
Result<std::vector<std::string>> expand_command(
    const std::vector<std::string>& command, const std::string& program, const Params& params,
    const std::function<std::optional<std::string>(std::string_view)>& env, std::string_view stem);

}  // namespace scopa
