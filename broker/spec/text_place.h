#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "broker/spec/findings.h"

namespace scopa::spec {

/// Line `number` (from 1) without its line break; empty where there is none.
std::string_view line_at(std::string_view text, int number);

/// The place of the byte at `offset`.
Place place_at(std::string_view text, std::size_t offset);

/// The place of byte `offset` of the scalar `content` that begins at `scalar`, plain or in quotes.
/// That of the scalar itself where the file does not show it in one line as it is (blocks, folded
/// lines, escapes of other characters).
Place place_inside(std::string_view text, Place scalar, std::string_view content,
                   std::size_t offset);

/// The offset of the first byte that is no part of UTF-8 text (control characters other than tab
/// and line breaks are none).
std::optional<std::size_t> first_non_text(std::string_view text);

/// How many characters the UTF-8 `text` has.
std::size_t count_characters(std::string_view text);

}  // namespace scopa::spec
