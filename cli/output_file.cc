#include "cli/output_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cli/context.h"

namespace scopa::cli {

Result<std::unique_ptr<OutputFile>> OutputFile::open(const std::string& path) {
  auto output = std::unique_ptr<OutputFile>(new OutputFile(path));
  if (path.empty() || path == "-") return output;
  output->part_ = path + ".part" + std::to_string(getpid());
  output->file_ = std::fopen(output->part_.c_str(), "w");
  if (output->file_ == nullptr) {
    return Status(Code::kResource, "cannot write " + path + ": " + std::strerror(errno));
  }
  return output;
}

OutputFile::~OutputFile() {
  if (file_ == nullptr) return;
  std::fclose(file_);
  std::remove(part_.c_str());
}

void OutputFile::write(const std::string& text) {
  if (file_ == nullptr) return print_out(text);
  std::fwrite(text.data(), 1, text.size(), file_);
}

Status OutputFile::finish() {
  if (file_ == nullptr) return Status::ok();
  bool good = std::fflush(file_) == 0 && std::ferror(file_) == 0;
  good = std::fclose(file_) == 0 && good;
  file_ = nullptr;
  if (good && std::rename(part_.c_str(), path_.c_str()) == 0) return Status::ok();
  const int error = errno;
  std::remove(part_.c_str());
  return {Code::kResource, "cannot write " + path_ + ": " + std::strerror(error)};
}

}  // namespace scopa::cli
