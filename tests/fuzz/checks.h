#pragma once

#include <string>
#include <string_view>

#include "tests/fuzz/spec_check.h"

/// Each does with bytes from outside what the program does with them, and holds what must be true
/// whatever they are. They return what was not; empty when all was. Crashes, endless work and
/// sanitizer reports are for whoever calls them to notice.
namespace scopa::fuzz {

/// One frame from a stranger: read, written and read again it is the same message; so is a block of
/// points.
std::string check_wire(std::string_view frame);

/// A conversation (dialog.h) between a broker's core, a worker's session and strangers who say
/// anything: nobody fails, the counts add up, and the log gives the same state again.
std::string check_dialog(std::string_view script);

/// A trial journal that somebody has scribbled over (journal_check.cc says how the bytes are read):
/// the worker reads it to its end and can send what it read; the SDK's writer does not fail.
std::string check_journal(std::string_view patches);

/// A trial header, the part of a journal that has lengths in it.
std::string check_trial_header(std::string_view bytes);

/// What a program writes into its metrics pipe; the first byte says in pieces of what size it
/// comes.
std::string check_metrics(std::string_view bytes);

/// Keys and values of a store (store_check.cc says how the bytes are read): they are read to their
/// end, as at the broker's start and page by page, or it is said what is wrong with them; so are
/// replay and explanation of each sweep (log_check.h).
std::string check_store(std::string_view items);
/// Whether all of it can be read, and there is a sweep.
bool is_readable(std::string_view items);

}  // namespace scopa::fuzz
