#pragma once

#include <string>
#include <string_view>

namespace scopa::fuzz {

/// Does with a sweep file what the broker and the command line do with one: reads it, shows every
/// finding, and, if it is valid, makes the space, some suggestions and the pruner. Any bytes are
/// fine: what must hold whatever they are, is checked.
///
/// Returns what did not hold; empty when all did. Crashes, endless work and sanitizer reports are
/// for whoever calls it to notice.
std::string check_spec(std::string_view text);

}  // namespace scopa::fuzz
