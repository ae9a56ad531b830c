#pragma once

#include <string>
#include <string_view>

namespace scopa::spec {

/// Whether the text is meant as JSON: it begins with a brace.
bool is_json(std::string_view text);

/// JSON writes a character beyond U+FFFF as two escapes, which YAML does not know: `\ud83d\ude00`
/// becomes `\U0001f600`.
std::string with_joined_surrogates(std::string_view text);

}  // namespace scopa::spec
