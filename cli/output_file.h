#pragma once

#include <cstdio>
#include <memory>
#include <string>

#include "sdk/base/status.h"

namespace scopa::cli {

/// Stdout, or a file that appears under its name only when it is complete.
class OutputFile {
 public:
  /// Stdout for "" and "-". Errors: kResource when the file cannot be made.
  static Result<std::unique_ptr<OutputFile>> open(const std::string& path);
  ~OutputFile();  ///< without finish() nothing is left of the file
  void write(const std::string& text);
  Status finish();

 private:
  explicit OutputFile(std::string path) : path_(std::move(path)) {}

  std::string path_;
  std::string part_;
  std::FILE* file_ = nullptr;
};

}  // namespace scopa::cli
