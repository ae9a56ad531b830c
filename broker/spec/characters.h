#pragma once

/// Of names and numbers in a sweep file: ASCII, whatever the locale.
namespace scopa::spec {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

}  // namespace scopa::spec
