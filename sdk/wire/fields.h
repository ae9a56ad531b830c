#pragma once

/// Names the fields of a message or event once: encoder, decoder, JSON output and event log all
/// read them here, through a visitor that is called with each field's name and value. A field that
/// holds an enumeration is `v.code("state", m.state, TrialState::kCancelled)` where a number beyond
/// the last one is to be refused: in what we stored ourselves. Over the wire a newer peer may know
/// more.
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
