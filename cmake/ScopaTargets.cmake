# One folder is one target: scopa_library(<name> [COLD] SOURCES ... [USES ...] [PRIVATE ...])
# makes the static library scopa_<name> with the alias scopa::<name>. USES is what the folder's
# headers need, PRIVATE what only its sources need. Of what is COLD nobody waits for the code:
# SCOPA_COLD_FLAGS come after the build type's (with a sanitizer, -O1 takes clang three times as long).

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(SCOPA_CCACHE ccache)
if(SCOPA_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER "${SCOPA_CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${SCOPA_CCACHE}")
endif()
find_program(SCOPA_MOLD mold)
if(SCOPA_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_library(scopa_flags INTERFACE)
add_library(scopa::flags ALIAS scopa_flags)
target_compile_options(scopa_flags INTERFACE
  -Wall -Wextra -Wno-missing-field-initializers -Wpedantic -Wshadow -Wnon-virtual-dtor -Werror=unused-result
  $<$<BOOL:${SCOPA_WERROR}>:-Werror>)

function(scopa_library name)
  cmake_parse_arguments(arg "COLD" "" "SOURCES;USES;PRIVATE" ${ARGN})
  set(target scopa_${name})
  add_library(${target} STATIC ${arg_SOURCES})
  add_library(scopa::${name} ALIAS ${target})
  target_include_directories(${target} PUBLIC "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>")
  target_link_libraries(${target} PUBLIC ${arg_USES} PRIVATE scopa::flags ${arg_PRIVATE})
  if(arg_COLD)
    target_compile_options(${target} PRIVATE ${SCOPA_COLD_FLAGS})
  endif()
endfunction()

# scopa_test(<name> SOURCES ... USES ...): a GoogleTest program whose cases are single CTests.
function(scopa_test name)
  cmake_parse_arguments(arg "" "LABEL" "SOURCES;USES" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_USES} scopa::flags GTest::gtest GTest::gmock
                                        GTest::gtest_main)
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  if(NOT arg_LABEL)
    set(arg_LABEL unit)
  endif()
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST PROPERTIES LABELS ${arg_LABEL} TIMEOUT 300)
endfunction()
