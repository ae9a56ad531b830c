#include "cli/ask_tell.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/support/effort.h"

namespace scopa::cli {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

constexpr char kInit[] =
    R"({"op":"init","seed":5,"steps":9,"config":{"method":"bayes","metric":{"name":"loss","goal":)"
    R"("minimize"},"early_terminate":{"type":"hyperband","min_iter":1,"eta":3},"parameters":{)"
    R"("lr":{"distribution":"log_uniform_values","min":1e-5,"max":1.0},)"
    R"("optimizer":{"values":["sgd","adam"]},"momentum":{"min":0.0,"max":0.99}}},)"
    R"("conditions":[{"param":"momentum","parent":"optimizer","values":["sgd"]}]})";

Json reply(AskTell& optimizer, const std::string& line) {
  const std::string text = optimizer.reply(line);
  EXPECT_EQ(text.find('\n'), std::string::npos);
  Json json = Json::parse(text, nullptr, false);
  EXPECT_TRUE(json.is_object()) << line << "\n" << text;
  return json;
}

std::string error(AskTell& optimizer, const std::string& line) {
  return reply(optimizer, line).value("error", "no error");
}

TEST(AskTellTest, AConversationFromInitToDone) {
  AskTell optimizer(1);
  EXPECT_EQ(
      optimizer.reply(
          R"({"op":"init","config":{"method":"grid","metric":{"name":"loss","goal":"minimize"},)"
          R"("parameters":{"b":{"values":[1,2]},"a":{"value":"x"}}}})"),
      R"({"ok":true})");
  EXPECT_EQ(optimizer.reply(R"({"op":"ask"})"), R"({"trial":0,"params":{"b":1,"a":"x"}})");
  EXPECT_EQ(optimizer.reply(R"({"op":"ask"})"), R"({"trial":1,"params":{"b":2,"a":"x"}})");
  EXPECT_EQ(optimizer.reply(R"({"op":"ask"})"), R"({"wait":true})");
  EXPECT_EQ(optimizer.reply(R"({"op":"report","trial":1,"step":1,"value":0.5})"),
            R"({"stop":false})");
  EXPECT_EQ(optimizer.reply(R"({"op":"tell","trial":1,"state":"completed","value":0.5})"),
            R"({"ok":true})");
  EXPECT_EQ(optimizer.reply(R"({"op":"tell","trial":0,"state":"failed"})"), R"({"ok":true})");
  EXPECT_EQ(optimizer.reply(R"({"op":"ask"})"), R"({"done":true})");
}

TEST(AskTellTest, InactiveParametersAreLeftOut) {
  AskTell optimizer(1);
  ASSERT_EQ(reply(optimizer, kInit), Json({{"ok", true}}));
  std::set<std::string> seen;
  for (int i = 0; i < 40; ++i) {
    const Json given = reply(optimizer, R"({"op":"ask"})");
    const Json& params = given.at("params");
    EXPECT_EQ(params.contains("momentum"), params.at("optimizer") == "sgd") << params;
    seen.insert(params.at("optimizer"));
  }
  EXPECT_EQ(seen.size(), 2u);
}

TEST(AskTellTest, SeedsComeFromInitThenConfigThenTheCommandLine) {
  const auto first = [](std::uint64_t own, const std::string& init, const std::string& config) {
    AskTell optimizer(own);
    reply(optimizer, R"({"op":"init")" + init + R"(,"config":{"method":"random")" + config +
                         R"(,"parameters":{"x":{"min":0.0,"max":1.0}}}})");
    return reply(optimizer, R"({"op":"ask"})").at("params").dump();
  };
  EXPECT_EQ(first(7, "", ""), first(1, "", R"(,"seed":7)"));
  EXPECT_EQ(first(7, "", ""), first(1, R"(,"seed":7)", R"(,"seed":2)"));
  EXPECT_EQ(first(0, "", ""), first(1, R"(,"seed":0)", ""));
  EXPECT_NE(first(0, "", ""), first(1, "", ""));
}

TEST(AskTellTest, EachMistakeIsNamedAndTheConversationGoesOn) {
  AskTell optimizer(1);
  EXPECT_THAT(error(optimizer, R"({"op":"ask"})"), HasSubstr("before `init`"));
  ASSERT_EQ(reply(optimizer, kInit), Json({{"ok", true}}));
  reply(optimizer, R"({"op":"ask"})");
  const std::vector<std::array<std::string, 2>> cases = {
      {"", "no JSON"},
      {"{", "no JSON"},
      {"nonsense \xff\xfe", "no JSON"},
      {R"({"op":"report","trial":0,"step":1,"value":NaN})", "\"nan\""},
      {"[1,2]", "an object"},
      {"7", "an object"},
      {"{}", "`op` is missing"},
      {R"({"op":3})", "`op` is missing"},
      {R"({"op":"asks"})", "no op `asks`"},
      {R"({"op":"report","trial":9,"step":1,"value":1})", "no trial 9"},
      {R"({"op":"report","trial":-1,"step":1,"value":1})", "`trial` must be 0, 1, 2"},
      {R"({"op":"report","trial":0,"step":1.5,"value":1})", "`step` must be an integer"},
      {R"({"op":"report","trial":0,"step":18446744073709551615,"value":1})", "`step`"},
      {R"({"op":"report","trial":0,"step":1})", "`value` is missing"},
      {R"({"op":"report","trial":0,"step":1,"value":"low"})", "`value` must be a number"},
      {R"({"op":"tell","trial":0})", "`state` must be"},
      {R"({"op":"tell","trial":0,"state":"done"})", "`state` must be"},
      {R"({"op":"tell","trial":0,"state":"running"})", "cannot end as running"},
      {R"({"op":"tell","trial":0,"state":"completed"})", "no value"},
      {R"({"op":"init"})", "`config` must be an object"},
      {R"({"op":"init","config":[]})", "`config` must be an object"},
      {R"({"op":"init","config":{"method":"magic","parameters":{"x":{"value":1}}}})", "magic"},
      {R"({"op":"init","config":{"parameters":{}},"steps":0})", "`steps`"},
      {R"({"op":"init","config":{"parameters":{}},"seed":-1})", "`seed`"},
      {R"({"op":"init","config":{"parameters":{"x":{"value":1}}},"conditions":[{"param":"y",)"
       R"("parent":"x","values":[1]}]})",
       "`y`, which is no parameter"},
      {R"({"op":"init","config":{"parameters":{}},"conditions":[3]})", "`conditions[0]` is no"},
      {R"({"op":"init","config":)" + std::string(100'000, '[') + std::string(100'000, ']') + "}",
       "nested deeper"},
      {R"({"op":")" + std::string(AskTell::kLineBytesMax, 'x') + "\"}", "longer than"},
  };
  for (const auto& [line, why] : cases) {
    EXPECT_THAT(error(optimizer, line), HasSubstr(why)) << line.substr(0, 200);
  }
  EXPECT_EQ(reply(optimizer, R"({"op":"report","trial":0,"step":1,"value":0.5})"),
            Json({{"stop", false}}))
      << "trial 0 of the first init is still open";
}

TEST(AskTellTest, NanAndInfinityStopATrialAndCanBeTold) {
  AskTell optimizer(1);
  reply(optimizer, kInit);
  for (const std::string value : {R"("nan")", R"("inf")", R"("-Infinity")", "1e400"}) {
    const Json given = reply(optimizer, R"({"op":"ask"})");
    const std::string trial = given.at("trial").dump();
    EXPECT_EQ(
        reply(optimizer, R"({"op":"report","step":0,"trial":)" + trial + R"(,"value":"nan"})"),
        Json({{"stop", false}}))
        << "before the first finite value it ends nothing";
    reply(optimizer, R"({"op":"report","step":0,"trial":)" + trial + R"(,"value":0.5})");
    const Json said = reply(
        optimizer, R"({"op":"report","step":1,"trial":)" + trial + R"(,"value":)" + value + "}");
    if (value != "1e400") {
      EXPECT_EQ(said, Json({{"stop", true}})) << value;
    }
    reply(optimizer, R"({"op":"tell","state":"failed","trial":)" + trial + "}");
  }
  EXPECT_TRUE(reply(optimizer, R"({"op":"ask"})").contains("trial"));
}

TEST(AskTellTest, AHundredTrialsMayBeOpenAndAllMayFail) {
  AskTell optimizer(1);
  // The Gaussian process would take minutes under a sanitizer.
  Json init = Json::parse(kInit);
  init["config"]["bayes"] = {{"model", "tpe"}};
  reply(optimizer, init.dump());
  std::set<std::uint64_t> open;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 100; ++i) {
      EXPECT_TRUE(
          open.insert(reply(optimizer, R"({"op":"ask"})").at("trial").get<std::uint64_t>()).second);
    }
    for (auto it = open.begin(); it != open.end();) {
      EXPECT_EQ(
          reply(optimizer, R"({"op":"tell","state":"failed","trial":)" + std::to_string(*it) + "}"),
          Json({{"ok", true}}));
      EXPECT_THAT(
          error(optimizer, R"({"op":"tell","state":"failed","trial":)" + std::to_string(*it) + "}"),
          HasSubstr("has ended"));
      it = round == 1 ? std::next(it) : open.erase(it);
    }
    if (round == 1) open.clear();
  }
}

/// A session of random requests, most of them meant well. What must hold: every reply is one object
/// of one of the known forms, no trial is given twice, and a trial is told once.
class RandomSession {
 public:
  explicit RandomSession(std::uint64_t seed) : random_(seed), optimizer_(seed) {}

  void run(int requests) {
    for (int i = 0; i < requests; ++i) step();
  }

 private:
  std::uint64_t below(std::uint64_t n) { return random_() % n; }
  std::string value() {
    static const std::array<std::string, 9> kOdd = {
        R"("nan")", R"("inf")", R"("-inf")", "1e308", "-1e308", "0", "-0.0", "1e-320", "null"};
    if (below(8) == 0) return kOdd[below(kOdd.size())];
    return std::to_string(static_cast<double>(below(1000)) / 500 - 1);
  }
  std::string trial() {
    if (open_.empty() || below(10) == 0) return std::to_string(below(given_ + 3));
    return std::to_string(
        *std::next(open_.begin(), static_cast<std::ptrdiff_t>(below(open_.size()))));
  }
  std::string init() {
    static const std::array<std::string, 3> kMethods = {"random", "grid", "bayes"};
    static const std::array<std::string, 4> kPruners = {
        "", R"("early_terminate":{"type":"hyperband","min_iter":1,"eta":2},)",
        R"("early_terminate":{"type":"median","min_trials":2},)",
        R"("early_terminate":{"type":"asha","min_resource":1,"eta":3},)"};
    return R"({"op":"init","steps":)" + std::to_string(below(5)) + R"(,"config":{"method":")" +
           kMethods[below(3)] + R"(",)" + kPruners[below(4)] + R"("metric":{"name":"m","goal":")" +
           (below(2) == 0 ? "maximize" : "minimize") +
           R"("},"parameters":{"k":{"values":["a","b"]},"n":{"values":[1,2,3]})" +
           (below(2) == 0 ? R"(,"x":{"value":1})" : "") +
           R"(}},"conditions":[{"param":"n","parent":)" + (below(9) == 0 ? R"("q")" : R"("k")") +
           R"(,"values":["a"]}]})";
  }
  std::string request() {
    switch (below(12)) {
      case 0:
        return init();
      case 1:
      case 2:
      case 3:
        return R"({"op":"ask"})";
      case 4:
      case 5:
      case 6:
      case 7:
        return R"({"op":"report","trial":)" + trial() + R"(,"step":)" +
               std::to_string(static_cast<std::int64_t>(below(8)) - 1) + R"(,"value":)" + value() +
               "}";
      case 8:
      case 9:
      case 10: {
        static const std::array<std::string, 4> kStates = {"completed", "pruned", "failed", "odd"};
        return R"({"op":"tell","trial":)" + trial() + R"(,"state":")" + kStates[below(4)] +
               R"(","value":)" + value() + "}";
      }
      default: {
        std::string text =
            below(2) == 0 ? init() : R"({"op":"report","trial":0,"step":1,"value":1})";
        for (std::uint64_t n = below(4) + 1; n > 0; --n) {
          text[below(text.size())] = static_cast<char>(random_());
        }
        return text;
      }
    }
  }
  void step() {
    const std::string line = request();
    const Json said = reply(optimizer_, line);
    SCOPED_TRACE(line + " -> " + said.dump());
    const bool is_init = line.find(R"("op":"init")") != std::string::npos;
    if (said.contains("error")) {
      EXPECT_EQ(said.size(), 1u);
      EXPECT_FALSE(said.at("error").get<std::string>().empty());
    } else if (said.contains("trial")) {
      const std::uint64_t number = said.at("trial");
      EXPECT_TRUE(said.at("params").is_object());
      EXPECT_TRUE(open_.insert(number).second);
      EXPECT_GE(number + 1, given_) << "a trial came back";
      given_ = number + 1;
    } else if (said.contains("stop")) {
      EXPECT_TRUE(said.at("stop").is_boolean());
    } else if (said.contains("ok")) {
      if (is_init) {
        open_.clear();
        given_ = 0;
      } else {
        const Json told = Json::parse(line, nullptr, false);
        EXPECT_EQ(open_.erase(told.value("trial", std::uint64_t{UINT64_MAX})), 1u);
      }
    } else {
      EXPECT_TRUE(said == Json({{"done", true}}) || said == Json({{"wait", true}}));
    }
  }

  std::mt19937_64 random_;
  AskTell optimizer_;
  std::set<std::uint64_t> open_;
  std::uint64_t given_ = 0;
};

TEST(AskTellTest, TenThousandRandomSessionsAreSurvived) {
  for (std::uint64_t seed = 0; seed < effort(std::uint64_t{10'000}); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomSession(seed).run(40);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace scopa::cli
