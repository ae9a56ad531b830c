#include "cli/args.h"

#include <CLI/CLI.hpp>
#include <algorithm>

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
                  const std::string& help) {
  app_->add_option(names, *to, help)->check([](const std::string& text) -> std::string {
    const bool digits = !text.empty() && text.size() <= 19 &&
                        text.find_first_not_of("0123456789") == std::string::npos;
    return digits ? "" : "`" + text + "` is not a whole number";
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
