#include "cli/args.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>

namespace scopa::cli {

void Args::positional(const std::string& placeholder, std::string* to, const std::string& help) {
  app_->add_option(placeholder, *to, help)->required();
  items_.push_back({placeholder, placeholder, help, {}, true, true, false});
}

void Args::optional_positional(const std::string& placeholder, std::string* to,
                               const std::string& help) {
  app_->add_option(placeholder, *to, help);
  items_.push_back({placeholder, placeholder, help, {}, true, false, false});
}

void Args::positionals(const std::string& placeholder, std::vector<std::string>* to,
                       const std::string& help) {
  app_->add_option(placeholder, *to, help)->required();
  items_.push_back({placeholder, placeholder, help, {}, true, true, true});
}

void Args::optional_positionals(const std::string& placeholder, std::vector<std::string>* to,
                                const std::string& help) {
  app_->add_option(placeholder, *to, help);
  items_.push_back({placeholder, placeholder, help, {}, true, false, true});
}

void Args::flag(const std::string& names, bool* to, const std::string& help) {
  app_->add_flag(names, *to, help);
  items_.push_back({names, "", help, {}, false, false, false});
}

void Args::text(const std::string& names, const std::string& placeholder, std::string* to,
                const std::string& help) {
  app_->add_option(names, *to, help);
  items_.push_back({names, placeholder, help, {}, false, false, false});
}

void Args::texts(const std::string& names, const std::string& placeholder,
                 std::vector<std::string>* to, const std::string& help) {
  // One value a flag: `--listen A B` would otherwise swallow what follows.
  app_->add_option(names, *to, help)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  items_.push_back({names, placeholder, help, {}, false, false, true});
}

void Args::number(const std::string& names, const std::string& placeholder, std::uint64_t* to,
                  const std::string& help, Range range) {
  app_->add_option(names, *to, help)->check([range](const std::string& text) {
    return fault_of_number(text, range);
  });
  items_.push_back({names, placeholder, help, {}, false, false, false});
}

void Args::choice(const std::string& names, const std::string& placeholder, std::string* to,
                  std::vector<std::string> choices, const std::string& help) {
  app_->add_option(names, *to, help)->check([choices](const std::string& text) -> std::string {
    std::string all;
    for (const std::string& c : choices) {
      if (c == text) return "";
      all += (all.empty() ? "" : ", ") + c;
    }
    return "`" + text + "` is none of " + all;
  });
  items_.push_back({names, placeholder, help, std::move(choices), false, false, false});
}

std::string fault_of_number(const std::string& text, Args::Range range) {
  const bool negative = text.starts_with('-');
  const std::string digits = negative ? text.substr(1) : text;
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string::npos) {
    return "`" + text + "` is not a whole number";
  }
  std::uint64_t number = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool huge = read.ec != std::errc();
  if (negative || (!huge && number < range.least)) {
    return "`" + text + "` must be " + std::to_string(range.least) + " or more";
  }
  if (huge || number > range.most) {
    return "`" + text + "` is too large: at most " + std::to_string(range.most);
  }
  return {};
}

std::vector<std::string> split_lists(const std::vector<std::string>& given) {
  std::vector<std::string> items;
  for (const std::string& list : given) {
    for (std::size_t start = 0; start <= list.size();) {
      const std::size_t end = std::min(list.find(',', start), list.size());
      items.push_back(list.substr(start, end - start));
      start = end + 1;
    }
  }
  return items;
}

}  // namespace scopa::cli
