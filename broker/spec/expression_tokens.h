#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "broker/spec/expression.h"

namespace scopa::spec {

enum class TokenKind : std::uint8_t {
  kNumber,
  kText,
  kName,        ///< also words such as `and`
  kQuotedName,  ///< in backticks
  kSymbol,
  kEnd,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::size_t from = 0;  ///< bytes [from, to) of the text
  std::size_t to = 0;
  std::string text;  ///< of a kText or kQuotedName without its quotes, else as written
  Value number;      ///< kNumber
};

/// Splits `text`; the last token is kEnd. False with `error` filled where that cannot be done.
bool tokenize(std::string_view text, std::vector<Token>* tokens, ExpressionError* error);

}  // namespace scopa::spec
