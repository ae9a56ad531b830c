// As libtorch's logging header leaves them.
#define CHECK(condition) \
  if (!(condition)) {    \
  }
#define LOG(severity) \
  if (false) {        \
  }
#define DCHECK(condition) \
  if (!(condition)) {     \
  }
#include <scopa/scopa.hpp>

double all_kinds_of_fallbacks(scopa::Trial& trial) {
  return trial.param("a", 1) + trial.param("b", 2u) + static_cast<double>(trial.param("c", 3LL)) +
         static_cast<double>(trial.param("d", 4UL)) + trial.param("e", 5.0f) +
         (trial.param("f", true) ? 1 : 0) + static_cast<double>(trial.param("g", "x").size());
}
