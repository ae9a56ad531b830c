#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sdk/base/status.h"

namespace scopa::session {

/// What the holder of a key may do. Each may also do what those before it may. docs/security.md.
enum class Role : std::uint8_t { kNone = 0, kViewer = 1, kWorker = 2, kAdmin = 3 };

std::string_view name_of(Role role);
std::optional<Role> role_named(std::string_view name);

/// A CURVE key as text: 40 characters of Z85.
inline constexpr std::size_t kKeyChars = 40;

/// A secret key. Its memory is wiped when it goes; it cannot be copied or printed by accident.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view text);
  ~Secret() { wipe(); }
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;

  /// NUL-terminated, as ZeroMQ takes it. Empty when there is none.
  const char* text() const { return text_.data(); }
  bool is_empty() const { return text_[0] == '\0'; }

 private:
  void wipe();
  std::array<char, kKeyChars + 1> text_{};
};

/// What a public file says: `name`, `role` and `public`, one a line, `#` before remarks.
struct PublicKey {
  std::string name;  ///< 1 to 64 of a-z A-Z 0-9 . _ -
  Role role = Role::kNone;
  bool is_server = false;  ///< role: server
  std::string key;         ///< Z85
};

/// A secret file has the line `secret` beside those of a public file.
struct KeyPair {
  PublicKey open;
  Secret secret;
};

/// Whether `name` may name a key.
bool is_key_name(std::string_view name);
/// Whether `text` is a key: 40 characters that Z85 can read.
bool is_key(std::string_view text);

/// A new pair, from the system's random generator. Errors: kUnsupported where ZeroMQ was built
/// without CURVE.
Result<KeyPair> make_key_pair(const PublicKey& who);

/// Reads a secret file that this user owns and nobody else can read. What the file holds is never
/// part of an error. Errors: kNotFound; kDenied for a file that others can read or own;
/// kInvalidArgument for what is no secret file, or whose halves do not fit.
Result<KeyPair> read_secret_file(const std::string& path);

enum class Writers {
  kAny,      ///< whoever can write the file
  kTrusted,  ///< a file that others than its owner can write, or that is somebody else's than this
             ///< user's or root's, is refused: its writer could name himself admin
};
/// Errors: as above; also for a secret file, which must not be where a public one belongs.
Result<PublicKey> read_public_file(const std::string& path, Writers writers);

/// Writes `path` (0600, in a folder that is made with 0700 where it is not there) and the public
/// file `public_path` (0644). Files made by root belong to the folder's owner.
/// Errors: kConflict when one of the files is there already, and nothing is written; kResource;
/// kDenied for a folder in which others could exchange the files.
Status write_key_files(const KeyPair& pair, const std::string& path,
                       const std::string& public_path);

/// "…/gpu1.pub" for "…/gpu1.key"; else the path with ".pub" behind it.
std::string public_path_of(const std::string& secret_path);
/// The text of a public file.
std::string public_text(const PublicKey& key);

}  // namespace scopa::session
