#pragma once

#include <string>

namespace scopa::cli {

/// 128 random bits as text: names a request, so that sending it again changes nothing twice.
std::string random_token();

}  // namespace scopa::cli
