#include "sdk/journal/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <system_error>

namespace scopa::journal {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

int open_retrying(const std::string& path, int flags, mode_t mode = 0) {
  int fd = -1;
  do {
    fd = ::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, mode);
  } while (fd < 0 && errno == EINTR);
  return fd;
}

int allocate(int fd, std::size_t bytes) {
  // Beyond this limit the kernel would raise SIGXFSZ, which ends a trainer.
  rlimit limit{};
  if (::getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
      limit.rlim_cur < bytes) {
    return EFBIG;
  }
  int error = 0;
  do {
    error = ::posix_fallocate(fd, 0, static_cast<off_t>(bytes));
  } while (error == EINTR);
  return error;
}

int write_piece(int fd, Piece piece) {
  while (!piece.bytes.empty()) {
    const ssize_t n =
        ::pwrite(fd, piece.bytes.data(), piece.bytes.size(), static_cast<off_t>(piece.offset));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return n < 0 ? errno : EIO;
    piece.offset += static_cast<std::size_t>(n);
    piece.bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return 0;
}

// link(2) fails where the name is taken, which rename(2) would replace. Where the file system has
// no links, renameat2 can do the same.
int give_name(const std::string& from, const std::string& to) {
  if (::link(from.c_str(), to.c_str()) == 0) {
    ::unlink(from.c_str());
    return 0;
  }
  if (errno == EEXIST) return EEXIST;
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  return errno;
}

std::string temporary_path(const std::string& folder) {
  static std::atomic<unsigned> counter{0};
  return folder + "/.tmp-" + std::to_string(::getpid()) + "-" +
         std::to_string(counter.fetch_add(1, std::memory_order_relaxed));
}

}  // namespace

Status errno_status(const std::string& context, int error) {
  const Code code = error == ENOENT || error == ENOTDIR ? Code::kNotFound
                    : error == EEXIST                   ? Code::kConflict
                    : error == ELOOP                    ? Code::kCorruption
                                                        : Code::kResource;
  return {code, context + ": " + std::generic_category().message(error)};
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(data_, bytes_);
}

Result<MappedFile> MappedFile::open(const std::string& path, std::size_t bytes, Pages pages) {
  const Descriptor fd(open_retrying(path, O_RDWR | O_NONBLOCK));
  if (fd.get() < 0) return errno_status(path, errno);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return errno_status(path, errno);
  if (!S_ISREG(info.st_mode)) return Status(Code::kCorruption, path + ": no regular file");
  if (info.st_size < 0 || static_cast<std::size_t>(info.st_size) < bytes) {
    return Status(Code::kCorruption, path + ": shorter than it must be");
  }
  const int flags = MAP_SHARED | (pages == Pages::kAtOnce ? MAP_POPULATE : 0);
  void* data = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, flags, fd.get(), 0);
  if (data == MAP_FAILED) return errno_status(path, errno);
  return MappedFile(data, bytes);
}

SizeWatch::SizeWatch(const std::string& path) : fd_(open_retrying(path, O_RDONLY | O_NONBLOCK)) {}

SizeWatch::~SizeWatch() {
  if (fd_ >= 0) ::close(fd_);
}

bool SizeWatch::is_shorter_than(std::size_t bytes) const {
  struct stat info {};
  if (fd_ < 0 || ::fstat(fd_, &info) != 0) return false;
  return info.st_size < 0 || static_cast<std::size_t>(info.st_size) < bytes;
}

Status publish_file(const std::string& folder, const std::string& path, std::size_t bytes,
                    std::initializer_list<Piece> pieces) {
  const std::string temporary = temporary_path(folder);
  const Descriptor fd(open_retrying(temporary, O_RDWR | O_CREAT | O_EXCL, 0600));
  if (fd.get() < 0) return errno_status(temporary, errno);
  int error = allocate(fd.get(), bytes);
  for (const Piece& piece : pieces) {
    if (error == 0) error = write_piece(fd.get(), piece);
  }
  if (error == 0) error = give_name(temporary, path);
  if (error == 0) return Status::ok();
  ::unlink(temporary.c_str());
  return errno_status(path, error);
}

}  // namespace scopa::journal
