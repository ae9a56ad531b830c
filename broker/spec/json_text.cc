#include "broker/spec/json_text.h"

#include <cstdio>

namespace scopa::spec {
namespace {

int hex_value(std::string_view digits) {
  int value = 0;
  for (const char c : digits) {
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

}  // namespace

std::string with_joined_surrogates(std::string_view text) {
  std::string joined;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] != '\\' || at + 1 == text.size()) {
      joined += text[at++];
      continue;
    }
    const int high = text[at + 1] == 'u' ? hex_value(text.substr(at + 2, 4)) : -1;
    const bool pair = high >= 0xD800 && high < 0xDC00 && at + 12 <= text.size() &&
                      text.substr(at + 6, 2) == "\\u";
    const int low = pair ? hex_value(text.substr(at + 8, 4)) : -1;
    if (low >= 0xDC00 && low < 0xE000) {
      char escape[11];
      std::snprintf(escape, sizeof escape, "\\U%08x",
                    static_cast<unsigned>(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)));
      joined += escape;
      at += 12;
    } else {
      joined += text.substr(at, 2);
      at += 2;
    }
  }
  return joined;
}

bool is_json(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '{';
}

}  // namespace scopa::spec
