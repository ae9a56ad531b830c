#pragma once

/// Names the fields of a message or event once: encoder, decoder, JSON output and event log all
/// read them here, through a visitor that is called with each field's name and value.
///
///     struct Ask {
///       std::uint64_t request = 0;
///       SCOPA_FIELDS(Ask, v("request", m.request));
///     };
#define SCOPA_FIELDS(Struct, ...)          \
  template <class Self, class Visit>       \
  static void fields(Self& m, Visit&& v) { \
    __VA_ARGS__;                           \
  }                                        \
  bool operator==(const Struct&) const = default
