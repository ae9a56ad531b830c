#pragma once

#include <chrono>
#include <string>

#include "broker/spec/sweep_spec.h"
#include "cli/context.h"
#include "sdk/base/status.h"
#include "sdk/wire/messages.h"

namespace scopa::cli {

/// A sweep file, read and found free of errors.
struct SweepFile {
  std::string name;  ///< as given
  std::string text;
  spec::SweepSpec spec;
};

/// Reads and checks a file ("-": stdin). Where it cannot be read or is wrong, everything that is
/// wrong is printed and `*exit` set to 2, 3 or 5; warnings are printed and do not count.
bool read_sweep_file(const Context& context, const std::string& path, SweepFile* file, int* exit);

/// The text of a file: kNotFound or kResource where it cannot be read, kInvalidArgument beyond
/// kSpecBytesMax. A pipe into which nobody writes for `patience` is kResource, too.
Result<std::string> read_text(const std::string& path,
                              std::chrono::milliseconds patience = std::chrono::seconds(10));

/// The request that creates its sweep, with a token of its own.
wire::Create create_request(const SweepFile& file);

}  // namespace scopa::cli
