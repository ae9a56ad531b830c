#include "worker/metric_line.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "sdk/base/limits.h"
#include "sdk/base/text.h"

namespace scopa::worker {

namespace {

constexpr std::size_t kMembersMax = limits::kReportMetricsMax;
/// The largest whole number up to which every double is exact.
constexpr double kExactMax = 9007199254740992.0;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

/// The number that a bare or quoted word spells.
std::optional<double> number_of(std::string_view word) {
  double sign = 1;
  std::string_view rest = word;
  if (!rest.empty() && (rest[0] == '-' || rest[0] == '+')) {
    if (rest[0] == '-') sign = -1;
    rest.remove_prefix(1);
  }
  if (rest.empty()) return std::nullopt;
  const std::string spelled = rest.size() <= 8 ? lower(rest) : std::string();
  if (spelled == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (spelled == "inf" || spelled == "infinity") {
    return sign * std::numeric_limits<double>::infinity();
  }
  if (rest[0] != '.' && (rest[0] < '0' || rest[0] > '9')) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  if (end != rest.data() + rest.size()) return std::nullopt;
  if (error == std::errc::result_out_of_range) {
    // Too large or too small for a double: a negative exponent means too small.
    const std::size_t e = rest.find_first_of("eE");
    const bool tiny =
        e != std::string_view::npos ? rest.substr(e + 1).find('-') == 0 : rest.find('.') <= 1;
    return tiny ? sign * 0.0 : sign * std::numeric_limits<double>::infinity();
  }
  if (error != std::errc()) return std::nullopt;
  return sign * value;
}

/// `eval/loss` and `eval.loss` are one path.
bool is_same_path(std::string_view a, std::string_view b) {
  const auto plain = [](char c) { return c == '.' ? '/' : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return plain(x) == plain(y); });
}

class Reader {
 public:
  Reader(std::string_view text, std::string_view goal) : text_(text), goal_(goal) {}

  Result<MetricLine> read() {
    MetricLine line;
    skip_space();
    if (!take('{')) return fail("is no JSON object");
    SCOPA_RETURN_IF_ERROR(read_members({}, 1, &line));
    skip_space();
    if (!text_.empty()) return fail("goes on after its object");
    return line;
  }

 private:
  static Status fail(const char* what) { return {Code::kInvalidArgument, what}; }

  void skip_space() {
    while (!text_.empty() &&
           (text_[0] == ' ' || text_[0] == '\t' || text_[0] == '\r' || text_[0] == '\n')) {
      text_.remove_prefix(1);
    }
  }
  bool take(char c) {
    if (text_.empty() || text_[0] != c) return false;
    text_.remove_prefix(1);
    return true;
  }

  /// After the opening brace of the object at `path`.
  Status read_members(const std::string& path, std::size_t depth, MetricLine* line) {
    skip_space();
    if (take('}')) return Status::ok();
    do {
      if (++members_ > kMembersMax) return fail("has too many members");
      SCOPA_RETURN_IF_ERROR(read_member(path, depth, line));
      skip_space();
    } while (take(','));
    return take('}') ? Status::ok() : fail("lacks a comma or a closing brace");
  }

  Status read_member(const std::string& path, std::size_t depth, MetricLine* line) {
    skip_space();
    std::string name = depth == 1 ? "" : path + "/";
    if (!take('"')) return fail("has a name without quotes");
    SCOPA_RETURN_IF_ERROR(read_text(&name));
    skip_space();
    if (!take(':')) return fail("lacks a colon");
    skip_space();
    if (depth < limits::kMessageDepthMax && take('{')) return read_members(name, depth + 1, line);
    std::optional<double> number;
    const char* kind = "text";
    if (take('"')) {
      std::string text;
      SCOPA_RETURN_IF_ERROR(read_text(&text));
      number = number_of(text);
    } else if (!text_.empty() && (text_[0] == '{' || text_[0] == '[')) {
      kind = text_[0] == '[' ? "a list" : "nested too deeply";
      SCOPA_RETURN_IF_ERROR(skip_nested());
    } else {
      const std::size_t end = text_.find_first_of(",}] \t\r\n");
      const std::string_view word = text_.substr(0, end);
      if (word.empty()) return fail("lacks a value");
      text_.remove_prefix(word.size());
      number = number_of(word);
      if (word == "true" || word == "false") kind = "a boolean";
      if (word == "null") kind = "null";
      if (!number && kind[0] == 't') return fail("has a value that is no JSON");
    }
    if (depth > 1 && is_same_path(name, goal_)) name = goal_;
    keep(name, number, kind, depth == 1, line);
    return Status::ok();
  }

  static void keep(const std::string& name, std::optional<double> number, const char* kind,
                   bool at_top, MetricLine* line) {
    const auto leave_out = [&](const std::string& why) {
      ++line->left_out;
      if (line->problem.empty()) line->problem = "`" + printable(name, 64) + "` " + why;
    };
    if (!number) return leave_out(std::string("is ") + kind + ", not a number");
    if (at_top && name == "step") {
      if (*number != std::floor(*number)) return leave_out("is not a whole number");
      if (std::abs(*number) > kExactMax) {
        return leave_out(*number > 0 ? "is too large: the largest is 9007199254740992"
                                     : "is too small: the smallest is -9007199254740992");
      }
      line->step = static_cast<std::int64_t>(*number);
      return;
    }
    if (name.empty() || name.size() > limits::kNameBytesMax) {
      return leave_out("must have 1 to 256 bytes");
    }
    line->values.emplace_back(name, *number);
  }

  /// After the opening quote.
  Status read_text(std::string* out) {
    while (!text_.empty()) {
      const char c = text_[0];
      text_.remove_prefix(1);
      if (c == '"') return Status::ok();
      if (c != '\\') {
        out->push_back(c);
        continue;
      }
      if (text_.empty()) break;
      const char escaped = text_[0];
      text_.remove_prefix(1);
      switch (escaped) {
        case 'b':
          out->push_back('\b');
          break;
        case 'f':
          out->push_back('\f');
          break;
        case 'n':
          out->push_back('\n');
          break;
        case 'r':
          out->push_back('\r');
          break;
        case 't':
          out->push_back('\t');
          break;
        case 'u':
          SCOPA_RETURN_IF_ERROR(read_code_point(out));
          break;
        case '"':
        case '\\':
        case '/':
          out->push_back(escaped);
          break;
        default:
          return fail("has an escape that is no JSON");
      }
    }
    return fail("ends inside a text");
  }

  std::optional<std::uint32_t> read_hex() {
    std::uint32_t code = 0;
    if (text_.size() < 4) return std::nullopt;
    const auto [end, error] = std::from_chars(text_.data(), text_.data() + 4, code, 16);
    if (error != std::errc() || end != text_.data() + 4) return std::nullopt;
    text_.remove_prefix(4);
    return code;
  }

  Status read_code_point(std::string* out) {
    const auto first = read_hex();
    if (!first) return fail("has an escape that is no JSON");
    std::uint32_t code = *first;
    if (code >= 0xD800 && code < 0xDC00 && text_.substr(0, 2) == "\\u") {
      text_.remove_prefix(2);
      const auto second = read_hex();
      if (!second || *second < 0xDC00 || *second > 0xDFFF) {
        return fail("has an escape that is no JSON");
      }
      code = 0x10000 + ((code - 0xD800) << 10) + (*second - 0xDC00);
    } else if (code >= 0xD800 && code <= 0xDFFF) {
      code = 0xFFFD;
    }
    const auto put = [&](std::uint32_t byte) { out->push_back(static_cast<char>(byte)); };
    if (code < 0x80) {
      put(code);
    } else if (code < 0x800) {
      put(0xC0 | (code >> 6));
      put(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
      put(0xE0 | (code >> 12));
      put(0x80 | ((code >> 6) & 0x3F));
      put(0x80 | (code & 0x3F));
    } else {
      put(0xF0 | (code >> 18));
      put(0x80 | ((code >> 12) & 0x3F));
      put(0x80 | ((code >> 6) & 0x3F));
      put(0x80 | (code & 0x3F));
    }
    return Status::ok();
  }

  /// Over a list or an object, by its brackets.
  Status skip_nested() {
    std::size_t depth = 0;
    while (!text_.empty()) {
      const char c = text_[0];
      text_.remove_prefix(1);
      if (c == '"') {
        std::string ignored;
        SCOPA_RETURN_IF_ERROR(read_text(&ignored));
      } else if (c == '{' || c == '[') {
        if (++depth > limits::kMessageDepthMax) return fail("is nested too deeply");
      } else if (c == '}' || c == ']') {
        if (--depth == 0) return Status::ok();
      }
    }
    return fail("ends inside a list or an object");
  }

  std::string_view text_;
  std::string_view goal_;
  std::size_t members_ = 0;
};

}  // namespace

Result<MetricLine> parse_metric_line(std::string_view line, std::string_view goal) {
  return Reader(line, goal).read();
}

}  // namespace scopa::worker
