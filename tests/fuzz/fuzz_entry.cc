// libFuzzer's side of one check: docs in CONTRIBUTING.md.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "tests/fuzz/checks.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string wrong =
      scopa::fuzz::SCOPA_FUZZ_CHECK({reinterpret_cast<const char*>(data), size});
  if (!wrong.empty()) {
    std::fprintf(stderr, "fuzz: %s\n", wrong.c_str());
    std::abort();
  }
  return 0;
}
