#include "cli/store_report.h"

#include "cli/format.h"
#include "cli/live_line.h"
#include "sdk/base/text.h"

namespace scopa::cli {

Result<store::Verified> verify_and_watch(const Context& context, const std::string& folder) {
  LiveLine line(context);
  return store::verify_folder(folder, [&line](std::uint64_t entries) {
    const std::string text = "verified " + std::to_string(entries) + " entries";
    line.update(text, text, std::to_string(entries), LiveLine::Clock::now());
  });
}

std::string problem_lines(const store::Verified& found) {
  std::string out;
  for (const store::Problem& each : found.problems) {
    out += each.family + "\t" + (each.key.empty() ? "-" : each.key) + "\t" +
           printable(each.text, 600) + "\n";
  }
  if (found.problem_count > found.problems.size()) {
    out += "... " + std::to_string(found.problem_count - found.problems.size()) + " more\n";
  }
  return out;
}

Failure not_sound(const std::string& folder, const store::Verified& found) {
  Failure f;
  f.exit = kExitFailed;
  f.code = "S125";
  f.message = count_of(found.problem_count, "problem") + " in the store in `" + folder + "`";
  f.details = found.problems.empty() ? "" : "first: " + found.problems.front().text;
  f.help = "keep a copy of the folder, then restore the latest backup: `scopa restore BACKUP DIR`";
  return f;
}

}  // namespace scopa::cli
