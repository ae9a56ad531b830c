#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sdk/base/ids.h"

namespace scopa::core {

/// 64 bits that depend on every byte of `text`; the same on every machine.
std::uint64_t hash_text(std::string_view text);

/// The id that a create request's token leads to; `probe` counts up while the id is taken.
SweepId make_sweep_id(std::string_view token, std::uint64_t probe);

/// A name for a sweep whose file has none: a short animal and a number, "fox-12".
std::string make_sweep_name(std::string_view token, std::uint64_t number);

/// The seed that trial `trial` hands to its trainer.
std::uint64_t trial_seed(std::uint64_t sweep_seed, std::uint64_t trial);

}  // namespace scopa::core
