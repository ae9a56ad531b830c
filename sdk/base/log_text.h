#pragma once

#include <string>
#include <string_view>

namespace scopa {

/// `text`, which others chose, as one field of a log line: in quotes, which are escaped in it as
/// backslashes and line ends are, and otherwise as printable() makes it, so that nobody can forge a
/// field or a line.
///
///     spdlog::info("trial assigned worker={}", in_quotes(worker));    // worker="vm-1/7"
std::string in_quotes(std::string_view text, std::size_t bytes_max = 512);

/// With line ends as `\n`: one line, whatever is in it.
std::string on_one_line(std::string_view text);

}  // namespace scopa
