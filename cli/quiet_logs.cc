#include "cli/quiet_logs.h"

#include <spdlog/sinks/null_sink.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <filesystem>

namespace scopa::cli {
namespace {

constexpr std::size_t kLogBytesMax = 8 << 20;

}  // namespace

void quiet_logs(const std::string& folder, const std::string& name) {
  std::error_code ignored;
  std::filesystem::create_directories(folder, ignored);
  try {
    auto sink = std::make_shared<spdlog::sinks::rotating_file_sink_mt>(folder + "/" + name,
                                                                       kLogBytesMax, 1);
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("scopa", std::move(sink)));
    spdlog::flush_on(spdlog::level::info);
  } catch (const spdlog::spdlog_ex&) {
    spdlog::set_default_logger(
        std::make_shared<spdlog::logger>("scopa", std::make_shared<spdlog::sinks::null_sink_mt>()));
  }
}

void log_to_stderr() {
  spdlog::set_default_logger(std::make_shared<spdlog::logger>(
      "", std::make_shared<spdlog::sinks::stderr_color_sink_mt>()));
  spdlog::flush_on(spdlog::level::info);
}

void log_line(std::string_view line) { spdlog::info("{}", line); }

}  // namespace scopa::cli
