#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "document.h"
#include "samples.h"
#include "sdk/wire/codec.h"
#include "sdk/wire/points.h"

namespace scopa::wire {
namespace {

TEST(ProtocolDocumentTest, EveryMessageAndFieldIsDescribed) {
  const std::string document = read_document("protocol.md");
  for (const Message& message : every_message()) {
    const std::string type(type_of(message));
    EXPECT_NE(document.find("`" + type + "`"), std::string::npos) << type << " is not described";
    std::visit(
        [&](const auto& m) {
          FieldNames names(document, type);
          m.fields(m, names);
        },
        message);
  }
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    text += kDigits[static_cast<unsigned char>(byte) >> 4];
    text += kDigits[static_cast<unsigned char>(byte) & 15];
  }
  return text;
}

/// The hex digits of the code block that follows `heading`, comments left out.
std::string bytes_after(const std::string& document, const std::string& heading) {
  const std::size_t start = document.find("```", document.find(heading)) + 3;
  std::istringstream block(document.substr(start, document.find("```", start) - start));
  std::string digits;
  for (std::string line; std::getline(block, line);) {
    line = line.substr(0, line.find("   "));
    if (const std::size_t comment = line.find("  \""); comment != std::string::npos) {
      line = line.substr(0, comment);
    }
    for (const char c : line) {
      if (c != ' ') digits += c;
    }
  }
  return digits;
}

TEST(ProtocolDocumentTest, TheBytesShownAreThoseSent) {
  const std::string document = read_document("protocol.md");
  const Ack ack{.sweep = "k3v9q2ha", .trial = 17, .attempt = 1, .to = 300};
  EXPECT_EQ(bytes_after(document, "`ack` of the points below 300"), hex(encode(ack)));
  PointBlock block;
  block.metrics = {"loss"};
  block.metric = {0, 0};
  block.step = {10, 11};
  block.value = {0.5, 0.25};
  block.time_us = {1'700'000'000'000'000, 1'700'000'000'250'000};
  std::string bytes;
  encode_points(block, &bytes);
  EXPECT_EQ(bytes_after(document, "A block of two points of `loss`"), hex(bytes));
}

}  // namespace
}  // namespace scopa::wire
