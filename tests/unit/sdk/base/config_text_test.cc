#include "sdk/base/config_text.h"

#include <gtest/gtest.h>

namespace scopa {
namespace {

const Params kNested = {{"optimizer.lr", 1e-5},
                        {"layers", std::int64_t{3}},
                        {"optimizer.betas", Composite{"[0.9,1e-5]"}},
                        {"optimizer.decay.kind", std::string("two words")},
                        {"amp", true},
                        {"none", std::monostate{}}};

TEST(ConfigTextTest, GroupsAreObjectsInJson) {
  EXPECT_EQ(to_nested_json(kNested),
            R"({"optimizer":{"lr":1.0e-05,"betas":[0.9,1.0e-05],"decay":{"kind":"two words"}},)"
            R"("layers":3,"amp":true,"none":null})");
  EXPECT_EQ(to_nested_json({}), "{}");
}

TEST(ConfigTextTest, GroupsAreMapsInYaml) {
  EXPECT_EQ(to_nested_yaml(kNested),
            "optimizer:\n"
            "  lr: 1.0e-05\n"
            "  betas: [0.9,1.0e-05]\n"
            "  decay:\n"
            "    kind: \"two words\"\n"
            "layers: 3\n"
            "amp: true\n"
            "none: null\n");
  EXPECT_EQ(to_nested_yaml({}), "{}\n");
}

TEST(ConfigTextTest, ANameWithoutAPlaceInTheTreeStaysDotted) {
  const Params params = {{"a", std::int64_t{1}},     {"a.b", std::int64_t{2}},
                         {"c.d.e", std::int64_t{3}}, {"c.d", std::int64_t{4}},
                         {"x..y", std::int64_t{5}},  {".z", std::int64_t{6}}};
  EXPECT_EQ(to_nested_json(params), R"({"a":1,"a.b":2,"c":{"d":{"e":3}},"c.d":4,"x..y":5,".z":6})");
}

TEST(ConfigTextTest, FlatYamlQuotesKeysThatMeanSomethingElse) {
  EXPECT_EQ(
      to_yaml({{"optimizer.lr", 0.5}, {"on", std::int64_t{1}}, {"a: b", std::string("x\ny")}}),
      "optimizer.lr: 0.5\n\"on\": 1\n\"a: b\": \"x\\ny\"\n");
  EXPECT_EQ(to_nested_yaml({{"optimizer.on", 0.5}}), "optimizer:\n  \"on\": 0.5\n");
}

}  // namespace
}  // namespace scopa
