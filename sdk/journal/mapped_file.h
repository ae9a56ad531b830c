#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "sdk/base/status.h"

namespace scopa::journal {

/// A file mapped for reading and writing, shared with other processes. Unmapped when destroyed.
///
/// Another process that truncates the file while it is mapped makes the next access raise SIGBUS.
/// Nobody but the owner of the files can do that; bus_guard.h defends a worker against it.
class MappedFile {
 public:
  /// Maps a regular file of `bytes` bytes or more; links are refused. With kAtOnce all its pages
  /// are entered now, rather than one by one as they are touched.
  /// Errors: kNotFound, kCorruption when it is too short or no regular file, kResource.
  enum class Pages { kWhenTouched, kAtOnce };
  static Result<MappedFile> open(const std::string& path, std::size_t bytes,
                                 Pages pages = Pages::kWhenTouched);

  MappedFile() = default;
  MappedFile(MappedFile&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  MappedFile& operator=(MappedFile&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~MappedFile();

  char* data() const { return static_cast<char*>(data_); }
  std::size_t bytes() const { return bytes_; }
  /// Gives the mapping up without unmapping it.
  char* release() {
    bytes_ = 0;
    return static_cast<char*>(std::exchange(data_, nullptr));
  }

 private:
  MappedFile(void* data, std::size_t bytes) : data_(data), bytes_(bytes) {}
  void* data_ = nullptr;
  std::size_t bytes_ = 0;
};

/// A descriptor of a file, to look at its size later; closed when destroyed.
class SizeWatch {
 public:
  SizeWatch() = default;
  explicit SizeWatch(const std::string& path);
  SizeWatch(SizeWatch&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  SizeWatch& operator=(SizeWatch&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~SizeWatch();
  /// Whether the file has become shorter than `bytes`. False where it could not be opened.
  bool is_shorter_than(std::size_t bytes) const;

 private:
  int fd_ = -1;
};

struct Piece {
  std::size_t offset;
  std::string_view bytes;
};

/// Makes `path` appear with `bytes` allocated bytes: the pieces, else zeros. Never replaces a file;
/// when several processes try, one wins and the others get kConflict, with the winner's file there.
/// Errors: kConflict, kResource. Leaves nothing behind that has the name.
Status publish_file(const std::string& folder, const std::string& path, std::size_t bytes,
                    std::initializer_list<Piece> pieces);

/// `context: text of the error number` with the code that fits it.
Status errno_status(const std::string& context, int error);

}  // namespace scopa::journal
