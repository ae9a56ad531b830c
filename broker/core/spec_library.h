#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "broker/spec/sweep_spec.h"
#include "sdk/base/status.h"

namespace scopa::core {

/// A sweep file that has been read: its text, and what that says.
struct SpecFile {
  std::string text;
  spec::SweepSpec spec;
};

/// Where a text comes from. One that is new may have no errors; one that a store holds may have
/// those that the build which took it did not know.
enum class SpecOrigin : std::uint8_t { kNew, kStored };

/// Errors: kInvalidArgument with the first error of the text, which is placed in `file_name`.
Result<std::shared_ptr<const SpecFile>> read_spec_file(const std::string& file_name,
                                                       const std::string& text, SpecOrigin origin);

/// The sweep files that are in use, each read and held once however many sweeps have its text: a
/// file may list 100,000 values, and a restart reads those of all sweeps. Holds no file itself: one
/// that nobody uses any more is gone. Not thread-safe.
///
///     SpecLibrary files;
///     SCOPA_ASSIGN_OR_RETURN(sweep->file, files.read(created.file_name, created.spec));
class SpecLibrary {
 public:
  /// The file of a text that a store holds. Errors: those of read_spec_file().
  Result<std::shared_ptr<const SpecFile>> read(const std::string& file_name,
                                               const std::string& text);
  /// For a file that was read elsewhere: the one with the same text that is in use, else this one,
  /// which those who come later share.
  std::shared_ptr<const SpecFile> share(std::shared_ptr<const SpecFile> file);

 private:
  std::shared_ptr<const SpecFile> find(const std::string& text) const;
  void add(const std::shared_ptr<const SpecFile>& file);

  /// By the hash of the text; two texts may have the same.
  std::unordered_multimap<std::size_t, std::weak_ptr<const SpecFile>> files_;
  std::size_t clean_up_at_ = 64;  ///< entries: then those of files that are gone are taken out
};

}  // namespace scopa::core
