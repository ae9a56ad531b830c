# Every package that Scopa is built with, found once and here, so that all folders see the same targets.
# scripts/install-deps installs them.

find_package(Threads REQUIRED)
find_package(nlohmann_json 3.10 REQUIRED)
find_package(yaml-cpp 0.6 REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(spdlog 1.9 REQUIRED)
find_package(CLI11 2.1 REQUIRED)
find_package(Eigen3 3.4 REQUIRED NO_MODULE)
find_library(SCOPA_SYSTEMD_LIBRARY systemd REQUIRED)

# scopa_external(<name> HEADER ... [LIBRARY ...]): a package whose own CMake file is missing, or asks
# for more than we use, as scopa::<name>.
function(scopa_external name)
  cmake_parse_arguments(arg "" "HEADER;LIBRARY" "" ${ARGN})
  string(TOUPPER ${name} upper)
  find_path(SCOPA_${upper}_INCLUDE ${arg_HEADER} REQUIRED)
  add_library(scopa_${name} INTERFACE)
  add_library(scopa::${name} ALIAS scopa_${name})
  target_include_directories(scopa_${name} SYSTEM INTERFACE "${SCOPA_${upper}_INCLUDE}")
  if(arg_LIBRARY)
    find_library(SCOPA_${upper}_LIBRARY ${arg_LIBRARY} REQUIRED)
    target_link_libraries(scopa_${name} INTERFACE "${SCOPA_${upper}_LIBRARY}")
  endif()
endfunction()

scopa_external(zmq HEADER zmq.hpp LIBRARY zmq)
scopa_external(rocksdb HEADER rocksdb/db.h LIBRARY rocksdb)
scopa_external(msgpack HEADER msgpack.hpp)
target_compile_definitions(scopa_msgpack INTERFACE MSGPACK_NO_BOOST)
