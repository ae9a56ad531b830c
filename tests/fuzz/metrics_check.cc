#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <vector>

#include "sdk/base/limits.h"
#include "sdk/base/text.h"
#include "tests/fuzz/checks.h"
#include "tests/support/temp_folder.h"
#include "worker/metric_line.h"
#include "worker/metric_pipe.h"

namespace scopa::fuzz {
namespace {

struct Point {
  std::string metric;
  std::int64_t step = 0;
  std::uint64_t value_bits = 0;
  bool operator==(const Point&) const = default;
};

/// Keeps what is appended.
class ListJournal final : public journal::Journal {
 public:
  const journal::TrialHeader& header() const override { return header_; }
  const std::string& folder() const override { return header_.folder; }
  std::uint64_t read(std::uint64_t from, std::size_t, bool, PointBlock*) override { return from; }
  std::uint64_t reserved() const override { return points.size(); }
  Status append(const std::string& metric, std::int64_t step, double value, std::int64_t) override {
    points.push_back({metric, step, std::bit_cast<std::uint64_t>(value)});
    return Status::ok();
  }
  void set_stop(StopReason) override {}
  void request_checkpoint() override {}
  bool attached() const override { return false; }
  bool stop_seen() const override { return false; }
  std::optional<journal::SavedCheckpoint> checkpoint() const override { return std::nullopt; }
  bool saves_checkpoints() const override { return false; }
  std::int64_t resumed() const override { return -1; }
  bool stopped() const override { return false; }
  std::optional<int> exit_code() const override { return std::nullopt; }
  std::uint32_t finished() const override { return 0; }
  std::uint64_t dropped() const override { return 0; }

  std::vector<Point> points;

 private:
  journal::TrialHeader header_;
};

std::string check_line(std::string_view line) {
  const auto parsed = worker::parse_metric_line(line);
  if (!parsed) return parsed.status().message().empty() ? "a line refused without a reason" : "";
  if (parsed->values.size() > limits::kReportMetricsMax) return "more values than a report takes";
  for (const auto& [name, value] : parsed->values) {
    if (name.empty() || name.size() > limits::kNameBytesMax) return "a name that no journal takes";
  }
  return {};
}

struct Taken {
  std::vector<Point> points;
  std::uint64_t lines = 0, malformed = 0;
  std::string wrong;
};

/// The pipe's own way, with `piece` bytes written at a time.
Taken take(std::string_view bytes, std::size_t piece) {
  static const TempFolder folder;
  const std::string path = folder / "pipe";
  const std::string log = folder / "log";
  unlink(log.c_str());
  ListJournal journal;
  Taken taken;
  auto pipe = worker::MetricPipe::open(path, &journal, log);
  if (!pipe) {
    taken.wrong = pipe.status().message();
    return taken;
  }
  const int fd = ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    const std::string_view part = bytes.substr(at, piece);
    (void)!write(fd, part.data(), part.size());
    (void)(*pipe)->drain(from_unix_us(1));
  }
  close(fd);
  (*pipe)->finish(from_unix_us(1));
  taken.lines = (*pipe)->lines();
  taken.malformed = (*pipe)->malformed();
  if ((*pipe)->points() != journal.points.size()) taken.wrong = "points are counted wrongly";
  if (taken.malformed > taken.lines) taken.wrong = "more bad lines than lines";
  const std::string text = TempFolder::text_of(log);
  if (std::count(text.begin(), text.end(), '\n') > 6) taken.wrong = "it complains without end";
  if (std::any_of(text.begin(), text.end(),
                  [](char c) { return c != '\n' && static_cast<unsigned char>(c) < 0x20; })) {
    taken.wrong = "the trial's log got bytes that a terminal obeys";
  }
  taken.points = std::move(journal.points);
  return taken;
}

}  // namespace

std::string check_metrics(std::string_view bytes) {
  if (bytes.empty()) return {};
  const std::size_t piece = static_cast<unsigned char>(bytes[0]) + std::size_t{1};
  bytes.remove_prefix(1);
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t end = std::min(bytes.find('\n', at), bytes.size());
    if (auto why = check_line(bytes.substr(at, end - at)); !why.empty()) return why;
    at = end + 1;
  }
  const Taken whole = take(bytes, 65536);
  const Taken pieces = take(bytes, piece);
  if (!whole.wrong.empty()) return whole.wrong;
  if (!pieces.wrong.empty()) return pieces.wrong;
  if (whole.points != pieces.points || whole.lines != pieces.lines ||
      whole.malformed != pieces.malformed) {
    return "what was taken depends on the pieces in which it came";
  }
  return {};
}

}  // namespace scopa::fuzz
