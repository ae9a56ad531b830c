#pragma once

#include <string>
#include <string_view>

#include "sdk/base/status.h"
#include "sdk/journal/journal.h"

namespace scopa::journal {

/// The trial header as bytes: fields in the order of the struct, texts as u32 length and bytes,
/// parameters as u32 count and then name, u8 kind (the index in scopa::Value), value; the
/// checkpoint's path, i64 its step.
std::string encode_trial_header(const TrialHeader& header);

/// Errors: kCorruption when anything is out of shape. Never reads outside of `bytes`.
Result<TrialHeader> decode_trial_header(std::string_view bytes);

}  // namespace scopa::journal
