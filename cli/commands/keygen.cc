#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>

#include "cli/commands/commands.h"
#include "cli/errors.h"
#include "cli/json.h"
#include "sdk/base/limits.h"
#include "sdk/session/client_keys.h"
#include "sdk/session/environment.h"
#include "sdk/session/identity.h"
#include "sdk/session/keys.h"

namespace scopa::cli {
namespace {

struct KeygenFlags {
  std::string role = "worker";
  std::string name;
  std::string output;
  bool server = false;
};

/// "USER-HOST", without what a key's name must not have.
std::string default_name() {
  const passwd* user = getpwuid(geteuid());
  std::string name = user != nullptr ? user->pw_name : "user";
  name += "-" + session::host_name(session::process_environment());
  for (char& c : name) {
    if (!session::is_key_name(std::string(1, c)) && c != '.') c = '_';
  }
  return name.substr(0, limits::kKeyNameBytesMax);
}

/// Where clients' public files go; the folder is made here so that its mode is right.
Status make_authorized_folder(const std::string& folder) {
  const std::string path = folder + "/authorized_keys.d";
  if (mkdir(path.c_str(), 0700) != 0) {
    if (errno == EEXIST) return Status::ok();
    return {Code::kResource, "cannot make the folder `" + path + "`: " + std::strerror(errno)};
  }
  struct stat owner {};
  if (geteuid() == 0 && stat(folder.c_str(), &owner) == 0 &&
      chown(path.c_str(), owner.st_uid, owner.st_gid) != 0) {
    return {Code::kResource, "cannot give the folder `" + path + "` to its owner"};
  }
  return Status::ok();
}

Status make_folder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (!error) return Status::ok();
  return {Code::kResource, "cannot make the folder `" + path + "`: " + error.message()};
}

void show(const Context& context, const session::PublicKey& key, const std::string& secret_file,
          const std::string& public_file) {
  if (context.globals.json) {
    print_out(json_document(
        {{"name", json_text(key.name)},
         {"role", json_text(key.is_server ? "server" : std::string(name_of(key.role)))},
         {"public_key", json_text(key.key)},
         {"secret_file", json_text(secret_file)},
         {"public_file", json_text(public_file)}}));
    return;
  }
  print_out(session::public_text(key));
  say(context, "the secret is in " + secret_file + ", for this user alone; the public file is " +
                   public_file + "\n");
  if (key.is_server) {
    say(context,
        "the broker of " + context.folder() +
            " asks for keys from its next start on; clients need a copy of the public file, as "
            "~/.config/scopa/server.pub, and their own keys in " +
            context.folder() + "/authorized_keys.d\n");
  } else {
    say(context, "to let it in, copy the public file to authorized_keys.d/" + key.name +
                     ".pub in the broker's folder\n");
  }
}

int keygen(Context& context, const KeygenFlags& o) {
  session::PublicKey who;
  who.is_server = o.server;
  who.role = o.server ? session::Role::kNone : *session::role_named(o.role);
  who.name = o.name.empty() ? default_name() : o.name;
  if (!session::is_key_name(who.name)) {
    return fail_usage(context,
                      "--name takes 1 to 64 letters, digits, dots, _ and -, and no dot first",
                      "scopa keygen");
  }
  std::string path = o.output;
  if (o.server) {
    if (path.empty()) path = context.folder() + "/keys/server.key";
    if (const Status made = make_folder(context.folder()); !made) return fail(context, made);
  } else if (path.empty()) {
    const std::string folder = session::default_key_folder(session::process_environment());
    if (folder.empty()) {
      return fail(context, Status(Code::kInvalidArgument, "there is no home folder for the key",
                                  "name a file with -o"));
    }
    const std::string parent = std::filesystem::path(folder).parent_path().string();
    if (const Status made = make_folder(parent); !made) return fail(context, made);
    path = folder + "/client.key";
  }
  const auto pair = session::make_key_pair(who);
  if (!pair) return fail(context, pair.status());
  const std::string public_file = session::public_path_of(path);
  const Status written = session::write_key_files(*pair, path, public_file);
  if (!written) return fail(context, written);
  if (o.server) {
    if (const Status made = make_authorized_folder(context.folder()); !made) {
      return fail(context, made);
    }
  }
  show(context, pair->open, path, public_file);
  return kExitOk;
}

}  // namespace

void declare_keygen(Args& args) {
  auto o = std::make_shared<KeygenFlags>();
  args.description(
      "Makes a key pair: a secret file that only this user can read, and beside it a public file, "
      "whose text it prints. A broker with keys (--server) lets in over tcp only clients whose "
      "public files are in its authorized_keys.d, and everything that they say is encrypted. No "
      "file is ever replaced, and no secret printed.");
  args.flag("--server", &o->server,
            "the broker's own pair: FOLDER/keys/server.key and server.pub, of --dir FOLDER");
  args.choice("--role", "ROLE", &o->role, {"viewer", "worker", "admin"},
              "what the key is for: look on; and run trials (the default); and change sweeps");
  args.text("--name", "NAME", &o->name, "whose key it is, shown in logs (USER-HOST)");
  args.text("-o,--output", "FILE", &o->output,
            "the secret file (~/.config/scopa/client.key); the public one is FILE.pub, or ends in "
            ".pub instead of .key");
  args.example("scopa keygen --server --dir /srv/scopa", "a broker that asks for keys");
  args.example("scopa keygen --role admin --name anna", "for the person who starts sweeps");
  args.example("scopa keygen --name gpu-lab -o gpu-lab.key", "for the lab's workers");
  args.action([o](Context& c) { return keygen(c, *o); });
}

}  // namespace scopa::cli
