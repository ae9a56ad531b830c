#include "rehearsal/fit.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "broker/search/space.h"
#include "sdk/base/text.h"

namespace scopa::rehearsal {
namespace {

constexpr std::uint64_t kCategoriesLookedAt = 10'000;
constexpr std::size_t kNamesShown = 20;

std::string quoted(const std::string& name) { return "`" + printable(name, 64) + "`"; }

std::vector<std::string> names_of(const spec::SweepSpec& sweep) {
  std::vector<std::string> names;
  for (const spec::Parameter& each : sweep.parameters) names.push_back(each.name);
  for (const spec::Derived& each : sweep.derived) names.push_back(each.name);
  return names;
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kNamesShown); ++i) {
    text += (i > 0 ? ", " : "") + printable(names[i], 64);
  }
  return text + (names.size() > kNamesShown ? " …" : "");
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

class Comparison {
 public:
  Comparison(const spec::SweepSpec& sweep, const spec::SweepSpec& known,
             const std::string& known_as)
      : sweep_(sweep), known_(known), space_(sweep), known_space_(known), known_as_(known_as) {}

  Fit run() {
    compare_names();
    for (std::size_t i = 0; i < space_.size() && !fit_.misfit; ++i) {
      const auto at = known_space_.find(space_.name(i));
      if (at && !known_space_.domain(*at).is_constant()) compare(i, known_space_.domain(*at));
    }
    return std::move(fit_);
  }

 private:
  void refuse(const std::string& name, std::string message, std::string help) {
    if (fit_.misfit) return;
    fit_.misfit =
        Fit::Misfit{"parameters." + printable(name, 64), std::move(message), std::move(help)};
  }

  void compare_names() {
    const std::vector<std::string> given = names_of(sweep_);
    const std::vector<std::string> known = names_of(known_);
    for (std::size_t i = 0; i < space_.size(); ++i) {
      const std::string& name = space_.name(i);
      if (space_.domain(i).is_constant() || has(known, name)) continue;
      const std::string guess = closest_match(name, known);
      refuse(name, known_as_ + " does not know this parameter",
             guess.empty() ? "remove it, or fix it with `value`; known are " + listed(known)
                           : "did you mean `" + guess + "`?");
    }
    for (std::size_t i = 0; i < known_space_.size(); ++i) {
      const std::string& name = known_space_.name(i);
      const bool is_conditional =
          !known_space_.conditions(i).empty() || !known_space_.predicates(i).empty();
      if (is_conditional || known_space_.domain(i).is_constant() || has(given, name)) continue;
      refuse(name, "it is missing, and " + known_as_ + " needs it",
             "give it a range, or fix it: `" + printable(name, 64) +
                 ": {value: ...}`; allowed is " + known_space_.domain(i).describe());
    }
  }

  void compare(std::size_t i, const search::Domain& known) {
    const search::Domain& domain = space_.domain(i);
    const std::string& name = space_.name(i);
    if (known.is_categorical() || domain.is_categorical()) {
      if (!domain.is_finite() || domain.count() > kCategoriesLookedAt) {
        return refuse(name, "it has a range, and " + known_as_ + " knows categories",
                      "list the values; known are " + known.describe());
      }
      for (std::uint64_t k = 0; k < domain.count(); ++k) compare_value(name, domain.at(k), known);
      return;
    }
    double low = 0, high = 0, known_low = 0, known_high = 0;
    const bool are_numbers =
        as_number(domain.value(0), &low) && as_number(domain.value(1), &high) &&
        as_number(known.value(0), &known_low) && as_number(known.value(1), &known_high);
    const double slack = 1e-9 * std::max(std::fabs(known_low), std::fabs(known_high));
    if (!are_numbers || (low >= known_low - slack && high <= known_high + slack)) return;
    remark(name, known);
  }

  void compare_value(const std::string& name, const Value& value, const search::Domain& known) {
    double number = 0;
    if (known.is_categorical() ? known.index_of(value).has_value() : as_number(value, &number)) {
      if (!known.is_categorical() && !known.admit(value)) remark(name, known);
      return;
    }
    refuse(name, "it can be " + quoted(to_text(value)) + ", which " + known_as_ + " does not know",
           "known are " + known.describe());
  }

  void remark(const std::string& name, const search::Domain& known) {
    std::string text = quoted(name) + " goes beyond what " + known_as_ + " knows (" +
                       known.describe() + "): what it says there is a guess";
    if (fit_.remarks.empty() || fit_.remarks.back() != text)
      fit_.remarks.push_back(std::move(text));
  }

  const spec::SweepSpec& sweep_;
  const spec::SweepSpec& known_;
  search::Space space_;
  search::Space known_space_;
  const std::string& known_as_;
  Fit fit_;
};

}  // namespace

Fit fit_of(const spec::SweepSpec& sweep, const spec::SweepSpec& known,
           const std::string& known_as) {
  return Comparison(sweep, known, known_as).run();
}

}  // namespace scopa::rehearsal
