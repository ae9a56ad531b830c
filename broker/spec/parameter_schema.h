#pragma once

#include <string>

namespace scopa::spec {

/// The part of the JSON Schema that says which keys of a parameter belong together, as the text of
/// a JSON array of subschemas of which all must hold: one for each distribution, the keys from
/// which one is told, groups and derived parameters.
std::string parameter_forms();

}  // namespace scopa::spec
