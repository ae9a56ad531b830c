#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace fashion {

/// Reads the first `count` items of a gzipped IDX file of bytes, each item of the given dimensions
/// ({28, 28} for images, {} for labels). An error text, naming the file, for what is missing,
/// damaged, of another shape or too short.
std::variant<std::vector<std::uint8_t>, std::string> read_idx(
    const std::string& path, std::size_t count, const std::vector<std::uint32_t>& dimensions);

}  // namespace fashion
