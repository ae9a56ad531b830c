#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace scopa {

/// The candidate that `word` was probably meant to be (edit distance, swapped neighbours as one, at
/// most a third of its length, at least 1), or an empty string. For "did you mean" in error texts.
std::string closest_match(std::string_view word, const std::vector<std::string>& candidates);

/// `text` with control characters and broken UTF-8 replaced and cut to `bytes_max`, fit for a
/// terminal or a log: strangers choose metric names and error texts.
std::string printable(std::string_view text, std::size_t bytes_max = 512);

}  // namespace scopa
