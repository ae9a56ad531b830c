#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sdk/base/time.h"

namespace scopa::server {

/// Two clocks at one moment, in a file of the broker's folder, so that the next broker knows how
/// much time has passed even when somebody has set the wall clock meanwhile.
struct ClockMark {
  std::string boot;  ///< of the machine; the steady clock counts from then on
  std::int64_t steady_us = 0;
  std::int64_t unix_us = 0;  ///< the broker's time, which events bear
  bool operator==(const ClockMark&) const = default;
};

/// Nothing where there is none, or none that can be read.
std::optional<ClockMark> read_clock(const std::string& path);
/// A broker is as good without: a failure is left alone.
void write_clock(const std::string& path, const ClockMark& mark);

/// With what time a broker begins; `now` has the wall clock. While nothing runs that is it. Where
/// trials run, whose times are limited and counted, it goes on from `before` by the steady clock,
/// if that is of the same boot, and never back behind the latest event.
std::int64_t begin_time(const std::optional<ClockMark>& before, const ClockMark& now,
                        bool anything_runs, std::int64_t last_event_us);

}  // namespace scopa::server
