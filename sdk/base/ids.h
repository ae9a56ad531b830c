#pragma once

#include <cstdint>
#include <string>

namespace scopa {

/// A trial's number within its sweep, from 0.
enum class TrialNumber : std::uint64_t {};
/// An attempt's number within its trial, from 1; the fencing token of leases. 0 is none.
enum class AttemptNumber : std::uint32_t {};

constexpr std::uint64_t raw(TrialNumber n) { return static_cast<std::uint64_t>(n); }
constexpr std::uint32_t raw(AttemptNumber n) { return static_cast<std::uint32_t>(n); }

/// A sweep's id: 8 characters of 0-9 a-z without i, l, o, u. It names keys, folders and URLs.
using SweepId = std::string;

}  // namespace scopa
