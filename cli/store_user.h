#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace scopa::cli {

/// The process that has the store of `folder` open for writing, as the kernel's list of locks says;
/// none where nobody has, or where it cannot be known. It takes no lock: that could be in the way
/// of a broker that is starting.
std::optional<std::int64_t> store_user(const std::string& folder);

}  // namespace scopa::cli
