#include "sdk/journal/journal.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "sdk/journal/mapped_journal.h"

namespace scopa::journal {

Result<std::unique_ptr<Journal>> Journal::create(const std::string& folder,
                                                 const TrialHeader& header) {
  const std::filesystem::path parent = std::filesystem::path(folder).parent_path();
  std::error_code error;
  if (!parent.empty()) std::filesystem::create_directories(parent, error);
  if (error) return errno_status(parent.string(), error.value());
  if (::mkdir(folder.c_str(), 0700) != 0) return errno_status(folder, errno);
  // Before the header, by which others know that the journal is there.
  Status status = create_extra(folder);
  if (status) status = create_header(folder, header);
  if (status) status = publish_file(folder, segment_path(folder, 0), kSegmentBytes, {});
  if (status) {
    auto journal = open(folder);
    if (journal) return journal;
    status = journal.status();
  }
  (void)remove(folder);
  return status;
}

Result<std::unique_ptr<Journal>> Journal::open(const std::string& folder) {
  std::optional<Result<HeaderFile>> file;
  if (!guarded([&] { file.emplace(open_header(folder)); }) || !file) {
    return Status(Code::kCorruption, header_path(folder) + ": shorter than it must be");
  }
  if (!*file) return file->status();
  return std::unique_ptr<Journal>(new MappedJournal(folder, std::move(**file)));
}

Status remove(const std::string& folder) {
  DIR* listing = ::opendir(folder.c_str());
  if (listing == nullptr) return errno == ENOENT ? Status::ok() : errno_status(folder, errno);
  // Only what is ours: a wrong path must not cost anybody a folder.
  while (const dirent* entry = ::readdir(listing)) {
    const std::string_view name = entry->d_name;
    if (name == "header" || name == "extra" || name.starts_with("segment-") ||
        name.starts_with(".tmp-")) {
      ::unlinkat(::dirfd(listing), entry->d_name, 0);
    }
  }
  ::closedir(listing);
  if (::rmdir(folder.c_str()) == 0 || errno == ENOENT) return Status::ok();
  return errno_status(folder, errno);
}

}  // namespace scopa::journal
