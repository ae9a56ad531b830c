#pragma once

/// Names the fields of a message or event once: what encodes and decodes it, for the wire and for
/// the log of events, reads them here, through a visitor that is called with each one's name and
/// value. One that holds an enumeration is `v.code("state", m.state, TrialState::kCancelled)` where
/// a number beyond the last one is to be refused: in what we stored ourselves. Over the wire a
/// newer peer may know more.
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
