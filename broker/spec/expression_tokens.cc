#include "broker/spec/expression_tokens.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>
#include <utility>

#include "broker/spec/characters.h"

namespace scopa::spec {
namespace {

bool is_name_part(char c) { return is_letter(c) || is_digit(c) || c == '.'; }

// Longer ones first.
constexpr std::array<std::string_view, 18> kSymbols = {
    "==", "!=", "<=", ">=", "//", "**", "<", ">", "+", "-", "*", "/", "%", "(", ")", "[", "]", ","};

struct Foreign {
  std::string_view symbol;
  std::string_view help;
};
constexpr std::array kForeign = {
    Foreign{"&&", "write `and`"},
    Foreign{"||", "write `or`"},
    Foreign{"!", "write `not`"},
    Foreign{"=", "to compare, write `==`"},
    Foreign{"^", "for powers write `**`"},
    Foreign{"?", "write `x if condition else y`"},
    Foreign{"{", "lists stand in `[` and `]`"},
};

class Lexer {
 public:
  Lexer(std::string_view text, std::vector<Token>* tokens, ExpressionError* error)
      : text_(text), tokens_(tokens), error_(error) {}

  bool run();

 private:
  bool next();
  bool number();
  bool quoted(char quote);
  bool symbol();
  void add(TokenKind kind, std::size_t from, std::string text) {
    tokens_->push_back({kind, from, at_, std::move(text), {}});
  }
  bool fail(std::size_t offset, std::string message, std::string help = {}) {
    *error_ = {offset, std::move(message), std::move(help)};
    return false;
  }
  std::string_view rest() const { return text_.substr(at_); }

  std::string_view text_;
  std::vector<Token>* tokens_;
  ExpressionError* error_;
  std::size_t at_ = 0;
};

bool Lexer::run() {
  while (true) {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != text_.npos) ++at_;
    if (at_ == text_.size()) break;
    if (!next()) return false;
  }
  tokens_->push_back({TokenKind::kEnd, at_, at_, "", {}});
  return true;
}

bool Lexer::next() {
  const char c = text_[at_];
  const bool point_and_digit = c == '.' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]);
  if (is_digit(c) || point_and_digit) return number();
  if (c == '"' || c == '\'' || c == '`') return quoted(c);
  if (!is_letter(c)) return symbol();
  const std::size_t from = at_;
  while (at_ < text_.size() && is_name_part(text_[at_])) ++at_;
  add(TokenKind::kName, from, std::string(text_.substr(from, at_ - from)));
  return true;
}

bool Lexer::number() {
  const std::size_t from = at_;
  bool real = false;
  while (at_ < text_.size()) {
    const char c = text_[at_];
    const bool exponent = c == 'e' || c == 'E';
    real |= exponent || c == '.';
    if (!is_name_part(c)) break;
    ++at_;
    if (exponent && at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
  }
  const std::string_view written = text_.substr(from, at_ - from);
  const char* const end = written.data() + written.size();
  std::int64_t integer = 0;
  double value = 0;
  Value number;
  std::from_chars_result read{};
  if (!real) {
    read = std::from_chars(written.data(), end, integer);
    number = integer;
  }
  if (real || read.ec == std::errc::result_out_of_range) {
    read = std::from_chars(written.data(), end, value);
    number = value;
  }
  const std::string shown = "`" + std::string(written.substr(0, 40)) + "`";
  if (read.ec == std::errc::result_out_of_range && read.ptr == end) {
    return fail(from, shown + " cannot be held by a number");
  }
  if (read.ec != std::errc{} || read.ptr != end) {
    return fail(from, shown + " is no number", "text stands in quotes");
  }
  add(TokenKind::kNumber, from, std::string(written));
  tokens_->back().number = std::move(number);
  return true;
}

bool Lexer::quoted(char quote) {
  const std::size_t from = at_++;
  std::string content;
  while (at_ < text_.size() && text_[at_] != quote) {
    const char after = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    if (quote != '`' && text_[at_] == '\\' && (after == quote || after == '\\')) ++at_;
    content += text_[at_++];
  }
  if (at_ == text_.size()) {
    return fail(from, "this quote has no end", std::string("add a closing ") + quote);
  }
  ++at_;
  add(quote == '`' ? TokenKind::kQuotedName : TokenKind::kText, from, std::move(content));
  return true;
}

bool Lexer::symbol() {
  for (const std::string_view symbol : kSymbols) {
    if (!rest().starts_with(symbol)) continue;
    const std::size_t from = at_;
    at_ += symbol.size();
    add(TokenKind::kSymbol, from, std::string(symbol));
    return true;
  }
  for (const Foreign& foreign : kForeign) {
    if (rest().starts_with(foreign.symbol)) {
      return fail(at_, "`" + std::string(foreign.symbol) + "` is no operator here",
                  std::string(foreign.help));
    }
  }
  std::size_t end = at_ + 1;  // a character of several bytes is shown whole
  while (end < text_.size() && (static_cast<unsigned char>(text_[end]) & 0xC0) == 0x80) ++end;
  return fail(at_, "unexpected `" + std::string(text_.substr(at_, end - at_)) + "`",
              "text stands in quotes, a name with other characters in backticks");
}

}  // namespace

bool tokenize(std::string_view text, std::vector<Token>* tokens, ExpressionError* error) {
  return Lexer(text, tokens, error).run();
}

}  // namespace scopa::spec
