#pragma once

#include <string>
#include <string_view>

namespace scopa {

/// Whether `text` is UTF-8 as everybody reads it: no overlong forms, no surrogates, nothing above
/// U+10FFFF.
bool is_utf8(std::string_view text);

/// `text` with a `?` for each byte that belongs to no character.
std::string as_utf8(std::string_view text);

}  // namespace scopa
