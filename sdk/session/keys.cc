#include "sdk/session/keys.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "sdk/base/limits.h"
#include "sdk/base/text.h"

namespace scopa::session {
namespace {

constexpr std::string_view kServerRole = "server";

/// A file's text, wiped when it goes.
class FileText {
 public:
  ~FileText() { explicit_bzero(bytes_.data(), bytes_.size()); }
  Status read(int fd, const std::string& path) {
    while (size_ < bytes_.size()) {
      const ssize_t got = ::read(fd, bytes_.data() + size_, bytes_.size() - size_);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return {Code::kResource, "cannot read `" + path + "`: " + std::strerror(errno)};
      if (got == 0) return Status::ok();
      size_ += static_cast<std::size_t>(got);
    }
    return {Code::kInvalidArgument, "`" + path + "` is too long for a key file",
            "`scopa keygen` makes key files"};
  }
  std::string_view text() const { return {bytes_.data(), size_}; }

 private:
  std::array<char, limits::kKeyFileBytesMax + 1> bytes_{};
  std::size_t size_ = 0;
};

class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() {
    if (fd_ >= 0) close(fd_);
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

Status no_file(const std::string& path, int error) {
  if (error == ENOENT || error == ENOTDIR) {
    return {Code::kNotFound, "there is no key file `" + path + "`",
            "`scopa keygen` makes one; docs/security.md"};
  }
  if (error == EACCES) {
    return {Code::kDenied, "the key file `" + path + "` cannot be read: " + std::strerror(error),
            "it must belong to the user who uses it"};
  }
  return {Code::kResource, "cannot open the key file `" + path + "`: " + std::strerror(error)};
}

std::string mode_text(mode_t mode) {
  std::string text = "0000";
  for (int i = 0; i < 4; ++i) text[3 - i] = static_cast<char>('0' + ((mode >> (3 * i)) & 7));
  return text;
}

Status check_secret_file(int fd, const std::string& path) {
  struct stat info {};
  if (fstat(fd, &info) != 0) return no_file(path, errno);
  if (!S_ISREG(info.st_mode)) return {Code::kInvalidArgument, "`" + path + "` is no file"};
  if (info.st_uid != geteuid()) {
    return {Code::kDenied,
            "the secret key `" + path + "` belongs to user " + std::to_string(info.st_uid) +
                ", not to you (" + std::to_string(geteuid()) + ")",
            "make a key of your own with `scopa keygen`, or change its owner with chown"};
  }
  if ((info.st_mode & 0077) != 0) {
    return {Code::kDenied,
            "others can read or write the secret key `" + path + "` (its mode is " +
                mode_text(info.st_mode & 07777) + ")",
            "chmod 600 " + path + "; if somebody may have read it, make a new one"};
  }
  return Status::ok();
}

Status check_public_file(int fd, const std::string& path, Writers writers) {
  struct stat info {};
  if (fstat(fd, &info) != 0) return no_file(path, errno);
  if (!S_ISREG(info.st_mode)) return {Code::kInvalidArgument, "`" + path + "` is no file"};
  if (writers == Writers::kAny) return Status::ok();
  if (info.st_uid != geteuid() && info.st_uid != 0) {
    return {Code::kDenied,
            "`" + path + "` belongs to user " + std::to_string(info.st_uid) +
                ", who could give himself any role",
            "chown it to the user of the broker or to root"};
  }
  if ((info.st_mode & 0022) != 0) {
    return {Code::kDenied,
            "others can write `" + path + "` (its mode is " + mode_text(info.st_mode & 07777) + ")",
            "chmod 644 " + path};
  }
  return Status::ok();
}

std::string fields_text(const PublicKey& key) {
  return "name: " + key.name +
         "\nrole: " + std::string(key.is_server ? kServerRole : name_of(key.role)) +
         "\npublic: " + key.key + "\n";
}

struct Parsed {
  PublicKey open;
  Secret secret;
};

Status bad_line(const std::string& path, int line, const std::string& what) {
  return {Code::kInvalidArgument, path + ":" + std::to_string(line) + ": " + what,
          "`scopa keygen` makes key files"};
}

Status set_field(std::string_view field, std::string_view value, const std::string& path, int line,
                 Parsed* out) {
  if (field == "name") {
    if (!is_key_name(value)) {
      return bad_line(path, line, "a name has 1 to 64 letters, digits, dots, _ and -");
    }
    out->open.name = value;
  } else if (field == "role") {
    const auto role = role_named(value);
    out->open.is_server = value == kServerRole;
    if (!role && !out->open.is_server) {
      return bad_line(path, line, "the role is none of viewer, worker, admin");
    }
    out->open.role = role.value_or(Role::kNone);
  } else if (field == "public") {
    if (!is_key(value)) return bad_line(path, line, "this is not a key of 40 characters");
    out->open.key = value;
  } else if (field == "secret") {
    if (!is_key(value)) return bad_line(path, line, "this is not a key of 40 characters");
    out->secret = Secret(value);
  } else {
    // Not shown: it may be a secret in the wrong place.
    return bad_line(path, line, "the field is none of name, role, public, secret");
  }
  return Status::ok();
}

Result<Parsed> parse(std::string_view text, const std::string& path) {
  Parsed parsed;
  int line = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view row = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++line;
    while (!row.empty() && (row.back() == '\r' || row.back() == ' ')) row.remove_suffix(1);
    if (row.empty() || row.front() == '#') continue;
    const std::size_t colon = row.find(": ");
    if (colon == std::string_view::npos) {
      return bad_line(path, line, "this is not `name: …`, `role: …`, `public: …` or `secret: …`");
    }
    SCOPA_RETURN_IF_ERROR(
        set_field(row.substr(0, colon), row.substr(colon + 2), path, line, &parsed));
  }
  const char* missing = parsed.open.name.empty()                                    ? "name"
                        : parsed.open.key.empty()                                   ? "public"
                        : parsed.open.role == Role::kNone && !parsed.open.is_server ? "role"
                                                                                    : nullptr;
  if (missing == nullptr) return parsed;
  return Status{Code::kInvalidArgument, "`" + path + "` has no line `" + missing + ": …`",
                "`scopa keygen` makes key files"};
}

/// What root makes in the folder of a service belongs to the service.
Status give_to_owner_of(const std::string& above, const std::string& made) {
  struct stat owner {};
  if (geteuid() != 0) return Status::ok();
  if (stat(above.c_str(), &owner) == 0 && chown(made.c_str(), owner.st_uid, owner.st_gid) == 0) {
    return Status::ok();
  }
  return {Code::kResource, "cannot give `" + made + "` to its owner: " + std::strerror(errno)};
}

/// The folder of `path`: made when it is not there, refused when others could exchange what is in
/// it. `owner` is to own the files.
Status prepare_folder(const std::string& path, struct stat* owner) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  if (mkdir(folder.c_str(), 0700) == 0) {
    SCOPA_RETURN_IF_ERROR(give_to_owner_of(folder + "/..", folder));
  } else if (errno != EEXIST) {
    return {Code::kResource, "cannot make the folder `" + folder + "`: " + std::strerror(errno),
            errno == ENOENT ? "make the folder above it first" : ""};
  }
  if (stat(folder.c_str(), owner) != 0 || !S_ISDIR(owner->st_mode)) {
    return {Code::kResource, "`" + folder + "` is no folder"};
  }
  if ((owner->st_mode & 0022) != 0 && (owner->st_mode & S_ISVTX) == 0) {
    return {Code::kDenied,
            "others can write to the folder `" + folder + "`, and exchange what is in it",
            "chmod go-w " + folder + ", or choose another folder"};
  }
  return Status::ok();
}

Status write_new(const std::string& path, mode_t mode, std::string_view text,
                 const struct stat& owner) {
  const Fd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
  if (fd.get() < 0 && errno == EEXIST) {
    return {Code::kConflict, "`" + path + "` is there already, and a key is never replaced",
            "choose another file with -o, or move it away"};
  }
  if (fd.get() < 0) {
    return {Code::kResource, "cannot write `" + path + "`: " + std::strerror(errno)};
  }
  bool done = fchmod(fd.get(), mode) == 0;
  if (geteuid() == 0) done = done && fchown(fd.get(), owner.st_uid, owner.st_gid) == 0;
  done = done && write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
  done = done && fsync(fd.get()) == 0;
  if (done) return Status::ok();
  const int error = errno;
  (void)unlink(path.c_str());
  return {Code::kResource, "cannot write `" + path + "`: " + std::strerror(error)};
}

}  // namespace

std::string_view name_of(Role role) {
  switch (role) {
    case Role::kViewer:
      return "viewer";
    case Role::kWorker:
      return "worker";
    case Role::kAdmin:
      return "admin";
    case Role::kNone:
      break;
  }
  return "none";
}

std::optional<Role> role_named(std::string_view name) {
  for (const Role role : {Role::kViewer, Role::kWorker, Role::kAdmin}) {
    if (name == name_of(role)) return role;
  }
  return std::nullopt;
}

Secret::Secret(std::string_view text) {
  std::copy_n(text.begin(), std::min(text.size(), kKeyChars), text_.begin());
}

Secret::Secret(Secret&& other) noexcept : text_(other.text_) { other.wipe(); }

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this == &other) return *this;
  text_ = other.text_;
  other.wipe();
  return *this;
}

void Secret::wipe() { explicit_bzero(text_.data(), text_.size()); }

bool is_key_name(std::string_view name) {
  if (name.empty() || name.size() > limits::kKeyNameBytesMax || name.front() == '.') return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

bool is_key(std::string_view text) {
  if (text.size() != kKeyChars) return false;
  // ZeroMQ looks characters up without asking whether they are of the alphabet.
  constexpr std::string_view kAlphabet =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
  if (text.find_first_not_of(kAlphabet) != std::string_view::npos) return false;
  std::array<char, kKeyChars + 1> copy{};
  std::copy(text.begin(), text.end(), copy.begin());
  std::array<std::uint8_t, 32> bytes{};
  const bool fine = zmq_z85_decode(bytes.data(), copy.data()) != nullptr;
  explicit_bzero(copy.data(), copy.size());
  explicit_bzero(bytes.data(), bytes.size());
  return fine;
}

Result<KeyPair> make_key_pair(const PublicKey& who) {
  std::array<char, kKeyChars + 1> open{};
  std::array<char, kKeyChars + 1> secret{};
  if (zmq_curve_keypair(open.data(), secret.data()) != 0) {
    return Status{Code::kUnsupported, "this ZeroMQ was built without CURVE",
                  "install a libzmq that has it (Debian's and Ubuntu's have)"};
  }
  KeyPair pair;
  pair.open = who;
  pair.open.key.assign(open.data(), kKeyChars);
  pair.secret = Secret(std::string_view(secret.data(), kKeyChars));
  explicit_bzero(secret.data(), secret.size());
  return pair;
}

Result<KeyPair> read_secret_file(const std::string& path) {
  const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (fd.get() < 0) return no_file(path, errno);
  SCOPA_RETURN_IF_ERROR(check_secret_file(fd.get(), path));
  FileText file;
  SCOPA_RETURN_IF_ERROR(file.read(fd.get(), path));
  SCOPA_ASSIGN_OR_RETURN(Parsed parsed, parse(file.text(), path));
  if (parsed.secret.is_empty()) {
    return Status{Code::kInvalidArgument, "`" + path + "` has no secret key",
                  "name the secret file, which `scopa keygen` made beside it"};
  }
  std::array<char, kKeyChars + 1> derived{};
  if (zmq_curve_public(derived.data(), parsed.secret.text()) != 0 ||
      parsed.open.key != derived.data()) {
    return Status{Code::kInvalidArgument, "the two halves of the key in `" + path + "` do not fit",
                  "make a new one with `scopa keygen`"};
  }
  return KeyPair{std::move(parsed.open), std::move(parsed.secret)};
}

Result<PublicKey> read_public_file(const std::string& path, Writers writers) {
  const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (fd.get() < 0) return no_file(path, errno);
  SCOPA_RETURN_IF_ERROR(check_public_file(fd.get(), path, writers));
  FileText file;
  SCOPA_RETURN_IF_ERROR(file.read(fd.get(), path));
  SCOPA_ASSIGN_OR_RETURN(Parsed parsed, parse(file.text(), path));
  if (!parsed.secret.is_empty()) {
    return Status{Code::kInvalidArgument,
                  "`" + path + "` holds a secret key where a public one belongs",
                  "it has been copied about: make a new pair with `scopa keygen`, and copy the "
                  "file that ends in .pub"};
  }
  return std::move(parsed.open);
}

Status write_key_files(const KeyPair& pair, const std::string& path,
                       const std::string& public_path) {
  struct stat owner {};
  SCOPA_RETURN_IF_ERROR(prepare_folder(path, &owner));
  struct stat there {};
  if (lstat(public_path.c_str(), &there) == 0) {
    return {Code::kConflict, "`" + public_path + "` is there already, and a key is never replaced",
            "choose another file with -o, or move it away"};
  }
  // Of the full size at once: a string that grows leaves what it held behind.
  std::string text;
  text.reserve(limits::kKeyFileBytesMax);
  text += "# A secret key of Scopa: for this user on this machine alone.\n";
  text += fields_text(pair.open);
  text += "secret: ";
  text += pair.secret.text();
  text += '\n';
  const Status written = write_new(path, 0600, text, owner);
  explicit_bzero(text.data(), text.size());
  SCOPA_RETURN_IF_ERROR(written);
  Status open_written = write_new(public_path, 0644, public_text(pair.open), owner);
  if (!open_written) (void)unlink(path.c_str());
  return open_written;
}

std::string public_path_of(const std::string& secret_path) {
  constexpr std::string_view kEnding = ".key";
  std::string stem = secret_path;
  if (stem.ends_with(kEnding)) stem.resize(stem.size() - kEnding.size());
  return stem + ".pub";
}

std::string public_text(const PublicKey& key) {
  return "# A public key of Scopa; docs/security.md says where it goes.\n" + fields_text(key);
}

}  // namespace scopa::session
