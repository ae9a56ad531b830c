#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/base/status.h"
#include "sdk/journal/layout.h"
#include "sdk/journal/mapped_file.h"

namespace scopa::journal {

/// Writes the file `extra` of a new journal. Errors: kConflict, kResource.
Status create_extra(const std::string& folder);

/// The file, mapped; empty when there is none that this build can read: then nothing of it is used.
MappedFile open_extra(const std::string& folder);

/// A point for which there was no room.
struct LastPoint {
  std::int64_t step = 0;
  double value = 0;
  std::int64_t time_us = 0;
};

/// Keeps a metric's point over the one that was kept before. Any thread; no lock, no allocation.
void keep_last(Extra& extra, std::uint32_t metric, const LastPoint& point);
/// What is kept for a metric, if it is whole.
std::optional<LastPoint> last_of(const Extra& extra, std::uint32_t metric);
/// The same, and nothing is kept any more.
std::optional<LastPoint> take_last(Extra& extra, std::uint32_t metric);

/// Notes a text unless it is there already or the list is full. Any thread; no lock.
void add_note(NoteList& list, std::string_view text);
/// What was noted, printable, each once.
std::vector<std::string> notes_in(const NoteList& list);

}  // namespace scopa::journal
