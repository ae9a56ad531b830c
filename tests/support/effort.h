#pragma once

namespace scopa {

/// How many times a test repeats what is random in it. A tenth under a sanitizer, where each takes
/// ten times as long and shows the same code; in full in a plain build.
template <class T>
constexpr T effort(T times) {
#ifdef SCOPA_SANITIZED
  return times / 10;
#else
  return times;
#endif
}

}  // namespace scopa
