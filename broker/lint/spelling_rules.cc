#include <algorithm>
#include <string>

#include "broker/lint/facts.h"
#include "sdk/base/command_macros.h"

namespace scopa::lint {
namespace {

// The value in JSON's words and in Python's, where they differ: "`true` as `True`".
std::string both_words(const Value& value) {
  const std::string json = to_text(value, Words::kJson);
  const std::string python = to_text(value, Words::kPython);
  return json == python ? "" : "`" + json + "` as `" + python + "`";
}

std::string words_written(const spec::Distribution& d, bool flags) {
  std::string list;
  std::size_t shown = 0;
  for (const Value& value : d.values) {
    if (flags && std::holds_alternative<bool>(value)) continue;
    const std::string words = both_words(value);
    if (words.empty() || ++shown > 2) continue;
    list += (list.empty() ? "" : ", ") + words;
  }
  return list;
}

}  // namespace

void check_spelling(const Facts& f, Remarks* remarks) {
  const std::vector<std::string> macros = macros_without_words(f.spec.command);
  if (macros.empty() || scopa::words_of(f.spec.command, f.spec.program) != Words::kPython) return;
  // Flags have no words, but null has one.
  const bool flags = std::all_of(macros.begin(), macros.end(), [](const std::string& macro) {
    return macro == "args_no_boolean_flags";
  });
  for (const std::size_t i : f.searched) {
    const std::string words = words_written(f.distribution(i), flags);
    if (words.empty()) continue;
    const std::string macro = "`${" + macros.front();
    remarks->add(Rule::kPythonWords, f.values_path(i, *remarks),
                 "`" + f.name(i) + "` reaches the Python program with Python's words: " + words,
                 "write " + macro + ":python}` in `command` if they are meant, " + macro +
                     ":json}` for JSON's");
    return;
  }
}

}  // namespace scopa::lint
