#include "broker/spec/command_section.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/broker/spec/spec_testing.h"

namespace scopa::spec {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Parsed with_command(const std::string& items) {
  return parse(
      "method: random\nprogram: ./train\nparameters:\n  lr: {min: 0.0, max: 1.0}\n"
      "  opt: {parameters: {weight-decay: {value: 0.1}}}\n  twice: {expr: 2 * lr}\n"
      "command: [" +
      items + "]\n");
}

TEST(CommandSectionTest, AParameterCanStandInsideAnArgument) {
  const Parsed parsed = with_command(
      "fasttext, -lr, '${param:lr}', '--wd=${param:opt.weight-decay}', 'x${param:twice}y'");
  EXPECT_THAT(brief(parsed), IsEmpty());
  EXPECT_THAT(parsed.spec.command,
              ElementsAre("fasttext", "-lr", "${param:lr}", "--wd=${param:opt.weight-decay}",
                          "x${param:twice}y"));
}

TEST(CommandSectionTest, TheParameterMustBeThere) {
  for (const auto& [item, help] :
       {std::pair{"${param:lrr}", "did you mean `lr`?"},
        {"--wd=${param:weight-decay}", "did you mean `opt.weight-decay`?"},
        {"${param:opt}", "name a parameter of this file, nested ones with their groups: `a.b`"}}) {
    const Parsed parsed = with_command("'./train', '" + std::string(item) + "'");
    ASSERT_THAT(codes(parsed), ElementsAre("S025 command[1]")) << item;
    EXPECT_EQ(parsed.diagnostics[0].help, help);
    EXPECT_FALSE(parsed.ok());
  }
  EXPECT_THAT(codes(with_command("bash, -c, 'train ${param:no}'")), ElementsAre("S025 command[2]"))
      << "our macro in a shell's text, too";
}

TEST(CommandSectionTest, AShellsNameOfAParameterIsAnErrorWhereNoShellIs) {
  for (const char* command :
       {"'./train', '--lr=${lr}'", "'./train', '${lr}'",
        "env, X=1, './train', 'a${opt.weight-decay}b'", "bash, train.sh, '--lr=${lr}'"}) {
    const Parsed parsed = with_command(command);
    ASSERT_EQ(parsed.diagnostics.size(), 1u) << command;
    EXPECT_EQ(parsed.diagnostics[0].code, "S025") << command;
    EXPECT_THAT(parsed.diagnostics[0].help,
                ::testing::StartsWith("for the parameter write `${param:"))
        << command;
  }
  EXPECT_FALSE(with_command("'./train', '--lr=${lr}'").ok());
  EXPECT_TRUE(with_command("'./train', '--lr=${lr}'").ok_in_store())
      << "such sweeps were created before, and run as they are";
}

TEST(CommandSectionTest, AShellsOwnTextIsLeftToTheShell) {
  for (const char* command :
       {"bash, -c, 'train --lr=${lr}'",
        "'${env}', '${args_no_hyphens}', bash, -euc, 'x -l ${lr:+$lr}'",
        "srun, sh, -lc, 'train ${lr}', ignored", "'/bin/sh', -c, 'echo ${HOME} $lr'"}) {
    EXPECT_THAT(brief(with_command(command)), IsEmpty()) << command;
  }
}

TEST(CommandSectionTest, AScriptIsWhatFollowsTheOptionForOneOrSsh) {
  const std::vector<std::string> shell = {"env", "bash", "-euc", "text", "more"};
  EXPECT_FALSE(is_script(shell, 0));
  EXPECT_FALSE(is_script(shell, 2));
  EXPECT_TRUE(is_script(shell, 3));
  EXPECT_FALSE(is_script(shell, 4));
  EXPECT_TRUE(is_script({"perl", "-e", "print"}, 2));
  EXPECT_TRUE(is_script({"ssh", "host", "cd $HOME", "&&"}, 3));
  EXPECT_FALSE(is_script({"x", "--code", "y"}, 2));
  EXPECT_FALSE(is_script({"x", "-", "y"}, 2));
}

}  // namespace
}  // namespace scopa::spec
