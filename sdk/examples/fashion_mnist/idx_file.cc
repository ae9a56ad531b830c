#include "idx_file.h"

#include <zlib.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace fashion {
namespace {

struct CloseGz {
  void operator()(gzFile_s* file) const { gzclose(file); }
};
using GzFile = std::unique_ptr<gzFile_s, CloseGz>;

bool read_exactly(gzFile file, void* to, std::size_t bytes) {
  return gzread(file, to, static_cast<unsigned>(bytes)) == static_cast<int>(bytes);
}

bool read_big_endian(gzFile file, std::uint32_t& number) {
  unsigned char bytes[4];
  if (!read_exactly(file, bytes, sizeof bytes)) return false;
  number = (std::uint32_t{bytes[0]} << 24) | (std::uint32_t{bytes[1]} << 16) |
           (std::uint32_t{bytes[2]} << 8) | bytes[3];
  return true;
}

std::string why_unreadable(gzFile file) {
  int code = Z_OK;
  gzerror(file, &code);
  if (code == Z_OK || code == Z_BUF_ERROR) return "it ends too early";
  return code == Z_ERRNO ? std::strerror(errno) : "damaged";
}

}  // namespace

std::variant<std::vector<std::uint8_t>, std::string> read_idx(
    const std::string& path, std::size_t count, const std::vector<std::uint32_t>& dimensions) {
  errno = 0;
  const GzFile file(gzopen(path.c_str(), "rb"));
  if (!file) return path + ": " + (errno != 0 ? std::strerror(errno) : "out of memory");

  constexpr std::uint32_t kUnsignedBytes = 0x0800;
  std::uint32_t magic = 0;
  std::uint32_t items = 0;
  if (!read_big_endian(file.get(), magic) || !read_big_endian(file.get(), items)) {
    return path + ": " + why_unreadable(file.get());
  }
  if (magic != kUnsignedBytes + dimensions.size() + 1) {
    return path + ": not an IDX file of bytes with " + std::to_string(dimensions.size() + 1) +
           " dimensions";
  }
  std::size_t item_bytes = 1;
  for (const std::uint32_t expected : dimensions) {
    std::uint32_t found = 0;
    if (!read_big_endian(file.get(), found)) return path + ": " + why_unreadable(file.get());
    if (found != expected) {
      return path + ": items of size " + std::to_string(found) + ", expected " +
             std::to_string(expected);
    }
    item_bytes *= expected;
  }
  if (items < count) {
    return path + ": has " + std::to_string(items) + " items, needed are " + std::to_string(count);
  }
  std::vector<std::uint8_t> bytes(count * item_bytes);
  if (!read_exactly(file.get(), bytes.data(), bytes.size())) {
    return path + ": " + why_unreadable(file.get());
  }
  return bytes;
}

}  // namespace fashion
