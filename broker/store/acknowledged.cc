#include "broker/store/acknowledged.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <boost/crc.hpp>
#include <cinttypes>
#include <cstdio>
#include <fstream>

namespace scopa::store {
namespace {

/// One line of always the same length, so that it is overwritten whole.
constexpr int kBootChars = 36;
constexpr std::size_t kLineBytes = 8 + 20 + 8 + 20 + 6 + kBootChars + 5 + 8 + 1;
constexpr int kReadTries = 10;

std::uint32_t checksum(std::string_view bytes) {
  boost::crc_32_type crc;
  crc.process_bytes(bytes.data(), bytes.size());
  return crc.checksum();
}

std::string line_of(const Acknowledged& mark) {
  std::array<char, kLineBytes + 1> line{};
  const int size =
      std::snprintf(line.data(), line.size(),
                    "written=%020" PRIu64 " synced=%020" PRIu64 " boot=%-36.36s crc=", mark.written,
                    mark.synced, mark.boot.c_str());
  std::string text(line.data(), static_cast<std::size_t>(size));
  std::snprintf(line.data(), line.size(), "%08x\n", checksum(text));
  return text + line.data();
}

std::optional<Acknowledged> parse(const std::string& line) {
  Acknowledged mark;
  std::array<char, kBootChars + 1> boot{};
  if (std::sscanf(line.c_str(), "written=%" SCNu64 " synced=%" SCNu64 " boot=%36[0-9a-f-]",
                  &mark.written, &mark.synced, boot.data()) < 2) {
    return std::nullopt;
  }
  mark.boot = boot.data();
  if (line_of(mark) != line) return std::nullopt;
  return mark;
}

}  // namespace

std::optional<Acknowledged> read_acknowledged(const std::string& path) {
  // Whoever writes it may be at it: then it is whole a moment later.
  for (int i = 0; i < kReadTries; ++i) {
    std::ifstream file(path, std::ios::binary);
    std::string line(kLineBytes, '\0');
    if (!file.read(line.data(), static_cast<std::streamsize>(line.size()))) return std::nullopt;
    if (auto mark = parse(line)) return mark;
  }
  return std::nullopt;
}

std::string boot_id() {
  std::string id;
  std::getline(std::ifstream("/proc/sys/kernel/random/boot_id"), id);
  return id.substr(0, kBootChars);
}

AcknowledgedFile::AcknowledgedFile(const std::string& path)
    : file_(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644)) {}

AcknowledgedFile::~AcknowledgedFile() {
  if (file_ >= 0) close(file_);
}

void AcknowledgedFile::write(const Acknowledged& mark) const {
  if (file_ < 0) return;
  const std::string line = line_of(mark);
  (void)!pwrite(file_, line.data(), line.size(), 0);
}

void AcknowledgedFile::sync() const {
  if (file_ >= 0) (void)fdatasync(file_);
}

}  // namespace scopa::store
