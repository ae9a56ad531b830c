#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sdk/base/status.h"
#include "sdk/journal/journal.h"
#include "sdk/journal/layout.h"
#include "sdk/journal/mapped_file.h"

namespace scopa::journal {

/// A journal's header file, mapped and checked. What the other side may change at any time (the
/// counters, the names) is checked at each use instead.
struct HeaderFile {
  MappedFile file;
  TrialHeader trial;

  Header& header() const { return *reinterpret_cast<Header*>(file.data()); }
};

/// Writes the header file of a new journal into `folder`, which is there.
/// Errors: kConflict when it has one, kInvalidArgument when `trial` is too large, kResource.
Status create_header(const std::string& folder, const TrialHeader& trial);

/// Errors: kNotFound, kCorruption, kUnsupported for a journal of another layout, kResource.
Result<HeaderFile> open_header(const std::string& folder);

/// Finds or adds a metric's name. Any number of threads and processes at once; no locks.
/// Errors: kInvalidArgument for an empty or too long name, kResource when the names are full.
Result<std::uint32_t> register_name(Names& names, std::string_view name);

/// The name of metric `id`, or nothing when no whole one is there.
std::optional<std::string_view> name_at(const Names& names, std::uint32_t id);

}  // namespace scopa::journal
