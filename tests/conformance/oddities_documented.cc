// Every kind of oddity among the records has its paragraph in docs/compatibility.md.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>

#include "tests/conformance/records.h"

namespace {

// Of "**one, other.** What Scopa does" at the start of a line: one and other.
std::set<std::string> documented_kinds(const std::string& text) {
  std::set<std::string> kinds;
  for (std::size_t at = text.find("\n**"); at != std::string::npos;
       at = text.find("\n**", at + 1)) {
    std::string kind;
    for (const char c : text.substr(at + 3, text.find(".**", at) - at - 3) + ",") {
      if (c == ',' || c == '\n' || c == ' ') {
        if (!kind.empty()) kinds.insert(std::exchange(kind, {}));
      } else {
        kind += c;
      }
    }
  }
  return kinds;
}

}  // namespace

int main(int, char**) {
  using namespace scopa::conformance;
  std::ifstream document(COMPATIBILITY_DOCUMENT);
  const std::string text((std::istreambuf_iterator<char>(document)), {});
  std::set<std::string> kinds;
  for (const auto& path : record_files()) {
    std::ifstream stream(path);
    const Json file = Json::parse(stream);
    for (const Json& record : file.at("records")) {
      if (record.value("oddity", false)) kinds.insert(record.value("oddity_kind", ""));
    }
  }
  const std::set<std::string> documented = documented_kinds(text);
  int missing = 0;
  for (const std::string& kind : kinds) {
    if (documented.contains(kind)) continue;
    std::printf("docs/compatibility.md has no paragraph of %s\n", kind.c_str());
    ++missing;
  }
  std::printf("%zu kinds, %d without a paragraph\n", kinds.size(), missing);
  return missing == 0 && !kinds.empty() ? 0 : 1;
}
