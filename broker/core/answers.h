#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "sdk/wire/messages.h"

/// What fits one answer: a frame has a bound, and the texts that strangers choose have none that
/// would keep every list below it.
namespace scopa::core::answers {

/// The numbers [first, last) of a page's items, of `total`; `limit` 0: as many as an answer may
/// hold.
std::pair<std::uint64_t, std::uint64_t> page(std::uint64_t offset, std::uint64_t limit,
                                             std::uint64_t total);

/// As one of a list: no names of metrics and parameters, of notices the last and of those in
/// quarantine the first, long texts shortened.
void shorten(wire::SweepInfo* sweep);
/// As one of a list: what its attempts ended of in a few lines.
void shorten(wire::TrialInfo* trial);

/// Long texts are shortened so that it fits an answer beside the sweep file's text. Returns how
/// much of a frame it takes.
std::size_t fit(wire::SweepInfo* sweep);
/// Of very many attempts the oldest are left out, and counted in `attempts_left_out`.
std::size_t fit(wire::TrialInfo* trial);

}  // namespace scopa::core::answers
