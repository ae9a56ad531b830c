#include <scopa/scopa.h>

int version_is_known(void) { return SCOPA_VERSION_MAJOR >= 0 && scopa_version() != 0; }
