#include "sdk/session/checkpoint_place.h"

#include <filesystem>
#include <system_error>

#include "sdk/base/limits.h"

namespace scopa::session {

Result<CheckpointPlace> checkpoint_place(const wire::Assign& assign, const std::string& own) {
  std::error_code error;
  const bool offered = assign.resume_step >= 0 && !assign.checkpoint.empty() &&
                       assign.checkpoint[0] == '/' &&
                       assign.checkpoint.size() <= limits::kPathBytesMax;
  if (offered && std::filesystem::exists(assign.checkpoint, error)) {
    return CheckpointPlace{assign.checkpoint, assign.resume_step};
  }
  std::filesystem::create_directories(own, error);
  if (error) {
    return Status{Code::kResource,
                  "cannot make the folder for checkpoints " + own + ": " + error.message()};
  }
  std::string path = own + "/checkpoint";
  if (path.size() > limits::kPathBytesMax) path.clear();
  return CheckpointPlace{std::move(path), -1};
}

}  // namespace scopa::session
