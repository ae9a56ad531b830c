#pragma once

#include <string>

#include "sdk/base/status.h"

namespace scopa::session {

/// "/tmp/scopa-1000" for the base "/tmp": this user's own place on this machine.
std::string user_folder(const std::string& base);

/// Makes sure that `path` is a folder of this user that nobody else can write to; makes it when it
/// is not there. In a world-writable place somebody else may have put a link or a folder there.
/// Errors: kResource.
Status make_private_folder(const std::string& path);

}  // namespace scopa::session
