#include "broker/server/clock.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

namespace scopa::server {

std::optional<ClockMark> read_clock(const std::string& path) {
  ClockMark mark;
  std::ifstream file(path);
  if (!(file >> mark.boot >> mark.steady_us >> mark.unix_us)) return std::nullopt;
  return mark;
}

void write_clock(const std::string& path, const ClockMark& mark) {
  const std::string draft = path + ".new";
  std::ofstream(draft) << mark.boot << ' ' << mark.steady_us << ' ' << mark.unix_us << '\n';
  std::error_code ignored;
  std::filesystem::rename(draft, path, ignored);
}

std::int64_t begin_time(const std::optional<ClockMark>& before, const ClockMark& now,
                        bool anything_runs, std::int64_t last_event_us) {
  if (!anything_runs) return now.unix_us;
  const bool goes_on =
      before && !now.boot.empty() && before->boot == now.boot && before->steady_us <= now.steady_us;
  const std::int64_t time =
      goes_on ? before->unix_us + (now.steady_us - before->steady_us) : now.unix_us;
  return std::max(time, last_event_us);
}

}  // namespace scopa::server
