#include "cli/assignments.h"

namespace scopa::cli {

Result<Params> params_of(const std::vector<std::string>& assignments) {
  Params params;
  for (const std::string& text : assignments) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Status(Code::kInvalidArgument, "`" + text + "` is not name=value",
                    "write for example lr=0.001");
    }
    const std::string name = text.substr(0, equals);
    if (find_param(params, name) != nullptr) {
      return Status(Code::kInvalidArgument, "`" + name + "` is given twice");
    }
    params.push_back({name, parse_value(text.substr(equals + 1))});
  }
  return params;
}

}  // namespace scopa::cli
