#include "cli/live_line.h"

#include <cstdio>

namespace scopa::cli {
namespace {

constexpr std::chrono::seconds kPlainEvery{10};

void write_err(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stderr); }

}  // namespace

LiveLine::LiveLine(const Context& context)
    : silent_(context.globals.quiet || context.globals.json), tty_(context.terminal.err_is_tty) {}

std::size_t LiveLine::width() const {
  // The last column stays free: some terminals wrap as soon as it is written.
  return static_cast<std::size_t>(terminal_columns() - 1);
}

void LiveLine::update(const std::string& line, const std::string& plain, const std::string& state,
                      Clock::time_point now) {
  if (silent_) return;
  if (tty_) {
    if (line == shown_) return;
    write_err("\r" + line + "\x1b[K");
    shown_ = line;
    return;
  }
  if (written_ && (state == last_state_ || now - last_written_ < kPlainEvery)) return;
  write_err(plain + "\n");
  written_ = true;
  last_state_ = state;
  last_written_ = now;
}

void LiveLine::last(const std::string& plain, const std::string& state) {
  if (silent_ || tty_ || (written_ && state == last_state_)) return;
  write_err(plain + "\n");
}

void LiveLine::say(const std::string& text) {
  if (silent_ || text.empty()) return;
  const std::string line = shown_;
  clear();
  write_err(text);
  if (!line.empty()) {
    write_err("\r" + line + "\x1b[K");
    shown_ = line;
  }
}

void LiveLine::clear() {
  if (!silent_ && tty_ && !shown_.empty()) write_err("\r\x1b[K");
  shown_.clear();
}

}  // namespace scopa::cli
