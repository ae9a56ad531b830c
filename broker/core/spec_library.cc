#include "broker/core/spec_library.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "broker/spec/parse.h"

namespace scopa::core {

Result<std::shared_ptr<const SpecFile>> read_spec_file(const std::string& file_name,
                                                       const std::string& text, SpecOrigin origin) {
  spec::Parsed parsed = spec::parse(text);
  for (const spec::Diagnostic& found : parsed.diagnostics) {
    if (found.severity != spec::Severity::kError) continue;
    if (found.is_recent && origin == SpecOrigin::kStored) continue;
    return Status{Code::kInvalidArgument,
                  file_name + ":" + std::to_string(found.line) + ":" +
                      std::to_string(found.column) + ": " + found.message + " [" + found.code + "]",
                  found.help};
  }
  return std::make_shared<const SpecFile>(SpecFile{text, std::move(parsed.spec)});
}

Result<std::shared_ptr<const SpecFile>> SpecLibrary::read(const std::string& file_name,
                                                          const std::string& text) {
  if (auto known = find(text)) return known;
  SCOPA_ASSIGN_OR_RETURN(auto file, read_spec_file(file_name, text, SpecOrigin::kStored));
  add(file);
  return file;
}

std::shared_ptr<const SpecFile> SpecLibrary::share(std::shared_ptr<const SpecFile> file) {
  if (auto known = find(file->text)) return known;
  add(file);
  return file;
}

std::shared_ptr<const SpecFile> SpecLibrary::find(const std::string& text) const {
  const auto [first, last] = files_.equal_range(std::hash<std::string>()(text));
  for (auto it = first; it != last; ++it) {
    if (auto file = it->second.lock(); file != nullptr && file->text == text) return file;
  }
  return nullptr;
}

void SpecLibrary::add(const std::shared_ptr<const SpecFile>& file) {
  if (files_.size() >= clean_up_at_) {
    std::erase_if(files_, [](const auto& each) { return each.second.expired(); });
    clean_up_at_ = std::max(clean_up_at_, 2 * files_.size());
  }
  files_.emplace(std::hash<std::string>()(file->text), file);
}

}  // namespace scopa::core
