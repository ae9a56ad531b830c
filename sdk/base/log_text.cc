#include "sdk/base/log_text.h"

#include "sdk/base/text.h"

namespace scopa {

std::string in_quotes(std::string_view text, std::size_t bytes_max) {
  std::string out = "\"";
  for (const char c : printable(text, bytes_max)) {
    if (c == '"' || c == '\\') out += '\\';
    c == '\n' ? out += "\\n" : out += c;
  }
  return out + "\"";
}

std::string on_one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    c == '\n' ? out += "\\n" : c == '\r' ? out += "\\r" : out += c;
  }
  return out;
}

}  // namespace scopa
