#include "broker/spec/command_section.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "broker/spec/reading.h"
#include "sdk/base/command_macros.h"
#include "sdk/base/limits.h"

namespace scopa::spec {
namespace {

// `-c`, `-euc`, `-e`: the next argument is a program.
bool takes_a_script(std::string_view option) {
  return option.size() >= 2 && option.size() <= 6 && option.front() == '-' &&
         (option.back() == 'c' || option.back() == 'e') &&
         std::all_of(option.begin() + 1, option.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

class CommandReader {
 public:
  CommandReader(const SweepSpec& spec, Findings* findings) : findings_(findings) {
    for (const Parameter& parameter : spec.parameters) names_.insert(parameter.name);
    for (const Derived& derived : spec.derived) names_.insert(derived.name);
  }

  std::vector<std::string> read(const Entry& entry);

 private:
  bool is_text(const Node& item, const std::string& path);
  bool has_known_macros(const Node& item, const std::string& path);
  void check_names(const std::vector<std::string>& command, std::size_t i, const Node& item,
                   const std::string& path);
  void unknown_parameter(const std::string& name, const Node& item, const std::string& path);

  Findings* findings_;
  std::set<std::string, std::less<>> names_;
  std::size_t guesses_ = 0;
};

bool CommandReader::is_text(const Node& item, const std::string& path) {
  if (item.type != NodeType::kNull && item.type != NodeType::kList && item.type != NodeType::kMap) {
    return true;
  }
  add_wrong_type(item, path, "text", findings_, "each argument is text of its own");
  return false;
}

bool CommandReader::has_known_macros(const Node& item, const std::string& path) {
  const Status status = check_command_part(item.text);
  if (status) return true;
  std::string help = status.help();
  const std::vector<MacroUse> uses = macros_of(item.text);
  if (uses.size() == 1 && !uses[0].is_known && names_.contains(uses[0].inside)) {
    help = "for the parameter write `${param:" + std::string(uses[0].inside) + "}`";
  }
  findings_->add(Rule::kUnknownMacro, path, item.place, status.message(), {}, std::move(help));
  return false;
}

void CommandReader::unknown_parameter(const std::string& name, const Node& item,
                                      const std::string& path) {
  // A guess looks at every name; a command of wrong ones must not make that quadratic.
  std::string help;
  if (++guesses_ <= limits::kSpecFindingsMax) {
    const std::vector<std::string_view> names(names_.begin(), names_.end());
    help = did_you_mean(name, names);
  }
  if (help.empty()) help = "name a parameter of this file, nested ones with their groups: `a.b`";
  findings_->add_recent(Rule::kUnknownMacro, path, item.place,
                        "`${param:" + name + "}`: there is no parameter `" + name + "`",
                        std::move(help));
}

void CommandReader::check_names(const std::vector<std::string>& command, std::size_t i,
                                const Node& item, const std::string& path) {
  const bool script = is_script(command, i);
  for (const MacroUse& use : macros_of(item.text)) {
    const std::string param(use.param);
    if (!param.empty() && !names_.contains(param)) unknown_parameter(param, item, path);
    if (use.is_known || script || !names_.contains(use.inside)) continue;
    const std::string name(use.inside);
    findings_->add_recent(Rule::kUnknownMacro, path, item.place,
                          "`${" + name + "}` reaches the trainer as it is: no shell is in between",
                          "for the parameter write `${param:" + name + "}`");
  }
}

std::vector<std::string> CommandReader::read(const Entry& entry) {
  std::vector<std::string> command;
  const std::vector<Node>& items = entry.value.items;
  // Where the arguments of a shell begin is seen in all of them.
  std::vector<std::string> texts;
  for (const Node& item : items) texts.push_back(item.text);
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::string path = join(entry.key, i);
    if (!is_text(items[i], path) || !has_known_macros(items[i], path)) continue;
    check_names(texts, i, items[i], path);
    command.push_back(items[i].text);
  }
  return command;
}

}  // namespace

bool is_script(const std::vector<std::string>& command, std::size_t argument) {
  if (argument == 0) return false;
  if (takes_a_script(command[argument - 1])) return true;
  return std::any_of(
      command.begin(), command.begin() + static_cast<std::ptrdiff_t>(argument),
      [](const std::string& part) { return part == "ssh" || part.ends_with("/ssh"); });
}

std::vector<std::string> read_command(const Entry& entry, const SweepSpec& spec,
                                      Findings* findings) {
  if (entry.value.type != NodeType::kList) {
    add_wrong_type(entry.value, entry.key, "a list of arguments", findings,
                   "write `command: [\"${program}\", \"${args}\"]`");
    return {};
  }
  if (entry.value.items.size() > limits::kCommandPartsMax) {
    findings->add(
        Rule::kTooMany, entry.key, entry.value.place,
        "`command` has more than " + std::to_string(limits::kCommandPartsMax) + " arguments");
    return {};
  }
  return CommandReader(spec, findings).read(entry);
}

}  // namespace scopa::spec
