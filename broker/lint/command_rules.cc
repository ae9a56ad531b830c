#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "broker/lint/facts.h"
#include "broker/spec/command_section.h"
#include "sdk/base/command_macros.h"

namespace scopa::lint {
namespace {

bool begins_a_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool goes_on_in_a_name(char c) { return begins_a_name(c) || (c >= '0' && c <= '9'); }

std::string item_path(std::size_t item) { return spec::join("command", item); }

/// "--epochs 15 --model resnet" as the items that were meant: `"--epochs", "15", ...`.
std::string as_items(std::string_view text) {
  std::string items;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) {
      items += (items.empty() ? "\"" : ", \"") + std::string(text.substr(0, end)) + "\"";
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return items;
}

/// An option beside its value, or the first item with arguments: both reach the system as one text.
void check_blanks(const Facts& f, std::size_t i, Remarks* remarks) {
  const std::string& item = f.spec.command[i];
  const std::size_t blank = item.find(' ');
  if (blank == std::string::npos || blank == 0) return;
  const bool option = item.front() == '-' && item.find('=') > blank;
  // A path may have blanks; the name of a program that is looked for has none.
  const bool program = i == 0 && item.find('/') > blank;
  if (!option && !program) return;
  remarks->add(Rule::kSeveralInOne, item_path(i),
               "`" + item + "` is one argument, blanks and all: no shell takes it apart",
               "write " + as_items(item));
}

/// The name of the first `$NAME` or `${NAME}` that is no macro; empty where there is none.
std::string shell_variable(const std::string& item) {
  for (const MacroUse& use : macros_of(item)) {
    const std::string_view name = use.inside;
    if (!use.is_known && !name.empty() && begins_a_name(name.front()) &&
        std::all_of(name.begin(), name.end(), goes_on_in_a_name)) {
      return std::string(name);
    }
  }
  for (std::size_t dollar = item.find('$'); dollar != std::string::npos;
       dollar = item.find('$', dollar + 1)) {
    if (dollar + 1 >= item.size() || !begins_a_name(item[dollar + 1])) continue;
    const auto first = item.begin() + static_cast<std::ptrdiff_t>(dollar) + 1;
    return std::string(first, std::find_if_not(first, item.end(), goes_on_in_a_name));
  }
  return {};
}

void check_variable(const Facts& f, std::size_t i, Remarks* remarks) {
  const std::string name = shell_variable(f.spec.command[i]);
  if (name.empty()) return;
  const bool parameter = f.space.find(name).has_value();
  remarks->add(Rule::kShellVariable, item_path(i),
               "`$" + name + "` reaches the trainer as it is: no shell is in between",
               parameter ? "for the parameter write `${param:" + name + "}`"
                         : "write `${envvar:" + name + "}`, or start a shell: `bash`, `-c`, ...");
}

/// A condition leaves the parameter out now and then.
void check_absent(const Facts& f, std::size_t i, Remarks* remarks) {
  for (const MacroUse& use : macros_of(f.spec.command[i])) {
    if (use.param.empty()) continue;
    const auto index = f.space.find(std::string(use.param));
    if (!index) continue;
    const spec::Parameter& parameter = f.spec.parameters[*index];
    if (parameter.when.empty() && parameter.predicates.empty()) continue;
    const std::string name(use.param);
    remarks->add(Rule::kAbsentParameter, item_path(i),
                 "`${param:" + name + "}` is empty text while `" + name + "` is inactive",
                 "give it all of them, `${args}`, if the trainer does not take that for unset");
  }
}

/// Not where the command names it in its own way: `python train.py`.
void check_program(const Facts& f, Remarks* remarks) {
  const std::string& program = f.spec.program;
  if (program.empty() || f.spec.command.empty()) return;
  const std::string name = program.substr(program.rfind('/') + 1);
  const bool named =
      std::any_of(f.spec.command.begin(), f.spec.command.end(), [&](const std::string& item) {
        return item.find("${program}") != std::string::npos || item.find(name) != std::string::npos;
      });
  if (named) return;
  remarks->add(Rule::kProgramNotUsed, "command",
               "`command` never runs `program: " + program + "`: it has no `${program}`",
               "write `command: [\"${program}\", \"${args}\"]`, or remove `program`");
}

}  // namespace

void check_command(const Facts& f, Remarks* remarks) {
  for (std::size_t i = 0; i < f.spec.command.size(); ++i) {
    check_absent(f, i, remarks);
    if (spec::is_script(f.spec.command, i)) continue;
    check_blanks(f, i, remarks);
    check_variable(f, i, remarks);
  }
  check_program(f, remarks);
}

}  // namespace scopa::lint
