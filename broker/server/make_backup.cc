#include "broker/server/make_backup.h"

#include <filesystem>
#include <utility>

#include "broker/store/backup.h"
#include "broker/store/verify.h"
#include "sdk/base/limits.h"
#include "sdk/base/text.h"

namespace scopa::server {
namespace {

Status check_path(const std::string& folder) {
  if (folder.size() <= limits::kPathBytesMax && folder.starts_with('/') &&
      folder.find('\0') == std::string::npos) {
    return Status::ok();
  }
  return {Code::kInvalidArgument, "`" + printable(folder, 100) + "` is no absolute path",
          "name the folder from the root on, as the broker's machine has it"};
}

}  // namespace

Result<wire::BackedUp> make_backup(const store::Store& store, const std::string& folder) {
  SCOPA_RETURN_IF_ERROR(check_path(folder));
  SCOPA_RETURN_IF_ERROR(store.backup(folder));
  const auto verified = store::verify_folder(folder);
  if (!verified || !verified->is_sound()) {
    std::error_code ignored;
    std::filesystem::remove_all(folder + "/store", ignored);
    std::filesystem::remove(folder, ignored);
    if (!verified) return verified.status().with_prefix("verifying the copy");
    return Status{Code::kCorruption,
                  "the copy is not sound: " + verified->problems.front().text + " (" +
                      std::to_string(verified->problem_count) + " problems)",
                  "`scopa store verify` tells whether the store itself is"};
  }
  wire::BackedUp done;
  done.folder = folder;
  done.last_seq = verified->last_seq;
  done.bytes = store::bytes_in(folder);
  return done;
}

}  // namespace scopa::server
