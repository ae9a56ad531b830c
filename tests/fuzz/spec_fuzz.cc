// libFuzzer's side of check_spec(): docs in CONTRIBUTING.md.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "tests/fuzz/spec_check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string wrong = scopa::fuzz::check_spec({reinterpret_cast<const char*>(data), size});
  if (!wrong.empty()) {
    std::fprintf(stderr, "spec_fuzz: %s\n", wrong.c_str());
    std::abort();
  }
  return 0;
}
