#include "worker/metric_pipe.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "sdk/base/limits.h"
#include "sdk/base/text.h"
#include "worker/metric_line.h"

namespace scopa::worker {

namespace {

constexpr std::size_t kPipeBytes = 1 << 20;
constexpr std::size_t kDrainBytes = 1 << 20;  // at once, before others get their turn
constexpr std::uint64_t kComplaintsMax = 5;
constexpr std::uint64_t kLastRecords = 64;  // to find the step of the last one

}  // namespace

Result<std::unique_ptr<MetricPipe>> MetricPipe::open(const std::string& path,
                                                     journal::Journal* journal,
                                                     std::string log_file) {
  if (mkfifo(path.c_str(), 0600) != 0) {
    return Status{Code::kResource,
                  "cannot make the metrics pipe " + path + ": " + std::strerror(errno)};
  }
  auto pipe = open_made(path, journal, std::move(log_file));
  if (!pipe) unlink(path.c_str());
  return pipe;
}

Result<std::unique_ptr<MetricPipe>> MetricPipe::adopt(const std::string& path,
                                                      journal::Journal* journal,
                                                      std::string log_file) {
  SCOPA_ASSIGN_OR_RETURN(auto pipe, open_made(path, journal, std::move(log_file)));
  const std::uint64_t end = journal->reserved();
  const std::uint64_t from = end > kLastRecords ? end - kLastRecords : 0;
  PointBlock last;
  journal->read(from, kLastRecords, true, &last);
  if (!last.step.empty()) pipe->next_step_ = last.step.back() + 1;
  return pipe;
}

Result<std::unique_ptr<MetricPipe>> MetricPipe::open_made(const std::string& path,
                                                          journal::Journal* journal,
                                                          std::string log_file) {
  const int fd = ::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) {
    const int error = errno;
    return Status{Code::kResource,
                  "cannot open the metrics pipe " + path + ": " + std::strerror(error)};
  }
  // More room spares a fast writer from waiting; where it is refused the usual 64 KiB do.
  (void)fcntl(fd, F_SETPIPE_SZ, static_cast<int>(kPipeBytes));
  return std::unique_ptr<MetricPipe>(new MetricPipe(fd, path, journal, std::move(log_file)));
}

MetricPipe::MetricPipe(int fd, std::string path, journal::Journal* journal, std::string log_file)
    : fd_(fd),
      path_(std::move(path)),
      journal_(journal),
      log_file_(std::move(log_file)),
      buffer_(limits::kPipeLineBytesMax) {}

MetricPipe::~MetricPipe() {
  close(fd_);
  unlink(path_.c_str());
}

bool MetricPipe::drain(Instant wall_clock) {
  for (std::size_t total = 0; total < kDrainBytes;) {
    const ssize_t n = read(fd_, buffer_.data(), buffer_.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    take({buffer_.data(), static_cast<std::size_t>(n)}, wall_clock);
    total += static_cast<std::size_t>(n);
  }
  return true;
}

void MetricPipe::finish(Instant wall_clock) {
  // A writer that escaped the process group could go on for ever.
  for (int turns = 0; turns < 64 && drain(wall_clock); ++turns) {
  }
  if (!rest_.empty() && !skipping_) take_line(std::exchange(rest_, {}), wall_clock);
  if (malformed_ > kComplaintsMax) {
    note("metrics pipe: " + std::to_string(malformed_) + " of " + std::to_string(lines_) +
         " lines could not be taken as they are");
  }
}

void MetricPipe::take(std::string_view bytes, Instant wall_clock) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view part = bytes.substr(0, end);
    const bool fits = rest_.size() + part.size() <= limits::kPipeLineBytesMax;
    if (!fits && !skipping_) {
      skipping_ = true;
      ++lines_;
      const std::string why =
          "is longer than " + std::to_string(limits::kPipeLineBytesMax) + " bytes";
      leave_out(1, "a line " + why);
      complain(why, rest_.empty() ? part : std::string_view(rest_));
      rest_.clear();
    }
    if (end == std::string_view::npos) {
      if (!skipping_) rest_.append(part);
      return;
    }
    if (skipping_) {
      skipping_ = false;
    } else if (rest_.empty()) {
      take_line(part, wall_clock);
    } else {
      rest_.append(part);
      take_line(std::exchange(rest_, {}), wall_clock);
    }
    bytes.remove_prefix(end + 1);
  }
}

void MetricPipe::take_line(std::string_view line, Instant wall_clock) {
  if (line.find_first_not_of(" \t\r") == std::string_view::npos) return;
  ++lines_;
  const auto parsed = parse_metric_line(line, journal_->header().metric);
  if (!parsed) {
    leave_out(1, "a line " + parsed.status().message() + ": `" + printable(line, 80) + "`");
    return complain(parsed.status().message(), line);
  }
  if (!parsed->problem.empty()) {
    leave_out(parsed->left_out, parsed->problem);
    complain("was taken in part, since " + parsed->problem, line);
  }
  const std::int64_t step = parsed->step.value_or(next_step_);
  next_step_ = step + 1;
  for (const auto& [name, value] : parsed->values) {
    if (journal_->append(name, step, value, to_unix_us(wall_clock))) {
      ++points_;
    } else {
      ++dropped_;
    }
  }
}

void MetricPipe::complain(const std::string& why, std::string_view line) {
  if (++malformed_ > kComplaintsMax) return;
  note("metrics pipe: line " + std::to_string(lines_) + " " + why + ": " + printable(line, 160));
}

void MetricPipe::leave_out(std::uint64_t count, const std::string& why) {
  left_out_ += count;
  if (left_out_why_.empty()) left_out_why_ = why;
}

void MetricPipe::note(const std::string& text) const {
  const int fd = ::open(log_file_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return;
  const std::string line = "[scopa] " + text + "\n";
  (void)!write(fd, line.data(), line.size());
  close(fd);
}

}  // namespace scopa::worker
