#include <memory>

#include "broker/spec/json_schema.h"
#include "cli/commands/commands.h"
#include "cli/errors.h"
#include "cli/json.h"
#include "cli/output_file.h"

namespace scopa::cli {
namespace {

int schema(Context& context, const std::string& output) {
  auto file = OutputFile::open(output);
  if (!file) return fail(context, file.status());
  const std::string text = spec::json_schema();
  (*file)->write(context.globals.json ? json_document({{"schema", text}}) : text);
  const Status status = (*file)->finish();
  return status ? kExitOk : fail(context, status);
}

}  // namespace

void declare_schema(Args& args) {
  auto output = std::make_shared<std::string>();
  args.description(
      "Prints the JSON Schema of sweep files, made from the table that the parser reads by. With "
      "it an editor completes keys and words, shows what they mean and marks mistakes. Editors "
      "with the YAML language server (VS Code, Neovim, Helix, Emacs) take it from a comment in the "
      "first line of a sweep file: # yaml-language-server: $schema=sweep.schema.json (the path is "
      "relative to the sweep file). It is draft 7, which these support best. `scopa check` finds "
      "more than a schema can say.");
  args.text("-o,--output", "FILE", output.get(), "write to FILE instead of stdout");
  args.example("scopa schema -o sweep.schema.json", "beside the sweep file");
  args.example("sed -i '1i # yaml-language-server: $schema=sweep.schema.json' sweep.yaml",
               "tells the editor");
  args.action([output](Context& c) { return schema(c, *output); });
}

}  // namespace scopa::cli
