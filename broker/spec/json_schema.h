#pragma once

#include <string>

namespace scopa::spec {

/// A JSON Schema of sweep files (draft 7, what editors' YAML services know best), made from the key
/// table and the distribution table: what the parser reads and what an editor completes are the
/// same. It accepts every file that the parser accepts; what a schema cannot say (min below max,
/// probabilities that add up to 1, names that an expression uses) only the parser refuses.
std::string json_schema();

}  // namespace scopa::spec
