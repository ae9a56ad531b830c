#include "cli/app.h"

int main(int argc, char** argv) { return scopa::cli::run_app(argc, argv); }
