// Every kind of oddity among the records has its paragraph in docs/compatibility.md.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <string>

#include "tests/conformance/records.h"

namespace {

// Of "**one, other.** What Scopa does": one and other.
std::set<std::string> documented_kinds(const std::string& text) {
  std::set<std::string> kinds;
  const std::regex paragraph(R"((?:^|\n)\*\*([a-z, \n-]+)\.\*\*)");
  const std::regex kind("[a-z-]+");
  for (std::sregex_iterator at(text.begin(), text.end(), paragraph), end; at != end; ++at) {
    const std::string names = (*at)[1];
    for (std::sregex_iterator name(names.begin(), names.end(), kind); name != end; ++name) {
      kinds.insert(name->str());
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
