# Installs the built SDK, builds a stranger's project against it and runs what came out.
# cmake -DBUILD=... -DSOURCE=... -DWORK=... -DHELPER=... -DTYPE=... -DC=... -DCXX=... -DFLAGS=...
#       -P run.cmake
file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}/run")

function(run folder output)
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY "${folder}" RESULT_VARIABLE result
    OUTPUT_VARIABLE stdout ERROR_VARIABLE stderr OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${ARGN}\nfailed: ${result}\n${stdout}\n${stderr}")
  endif()
  if(NOT output STREQUAL "any" AND NOT stdout STREQUAL output)
    message(FATAL_ERROR "${ARGN}\nprinted: ${stdout}\nnot:     ${output}")
  endif()
  if(NOT output STREQUAL "any" AND NOT stderr STREQUAL "")
    message(FATAL_ERROR "${ARGN}\nwas not silent: ${stderr}")
  endif()
endfunction()

run("${WORK}" any "${CMAKE_COMMAND}" --install "${BUILD}" --component sdk --prefix "${WORK}/prefix")
# The trainer that the README shows must be one that builds.
set(readme_trainer)
set(readme "${SOURCE}/../../README.md")
if(EXISTS "${readme}")
  file(READ "${readme}" text)
  if(NOT text MATCHES "```cpp\n([^`]*int main[^`]*)```")
    message(FATAL_ERROR "README.md shows no C++ trainer")
  endif()
  set(readme_trainer "${WORK}/readme_trainer.cc")
  file(WRITE "${readme_trainer}" "${CMAKE_MATCH_1}")
endif()

run("${WORK}" any "${CMAKE_COMMAND}" -S "${SOURCE}/project" -B "${WORK}/build" -G Ninja
  "-DCMAKE_PREFIX_PATH=${WORK}/prefix" "-DCMAKE_BUILD_TYPE=${TYPE}" "-DCMAKE_C_COMPILER=${C}"
  "-DCMAKE_CXX_COMPILER=${CXX}" "-DCMAKE_C_FLAGS=${FLAGS}" "-DCMAKE_CXX_FLAGS=${FLAGS}"
  "-DEXAMPLE=${SOURCE}/../../sdk/examples/minimal/main.cc" "-DREADME_TRAINER=${readme_trainer}")
run("${WORK}" any "${CMAKE_COMMAND}" --build "${WORK}/build" -j 2)

unset(ENV{SCOPA_JOURNAL})
foreach(trainer trainer trainer_old_abi trainer_c)
  set(program "${WORK}/build/${trainer}")
  run("${WORK}/run" "standalone sgd lr=0.1 epochs=5 dropped=0" "${program}")
  run("${WORK}/run" "standalone adamw lr=0.5 epochs=2 dropped=0"
    "${program}" --lr=0.5 --epochs 2 optimizer=adamw)

  set(journal "${WORK}/journal-${trainer}")
  run("${WORK}/run" "" "${HELPER}" make "${journal}")
  set(ENV{SCOPA_JOURNAL} "${journal}")
  run("${WORK}/run" "k3v9q2ha/17 adam lr=0.25 epochs=2 dropped=0" "${program}" --epochs=2)
  run("${WORK}/run" "loss 0 0.25|loss 1 0.0625|" "${HELPER}" read "${journal}")
  run("${WORK}/run" "" "${HELPER}" stop "${journal}")
  run("${WORK}/run" "k3v9q2ha/17 adam lr=0.25 epochs=0 dropped=0" "${program}" --epochs=2)
  unset(ENV{SCOPA_JOURNAL})
endforeach()

# The Python package beside it finds the library that was installed, and no other.
find_program(python NAMES python3)
if(python AND FLAGS STREQUAL "")  # Python itself has no sanitizer in it
  set(ENV{PYTHONPATH} "${WORK}/prefix/share/scopa/python")
  set(ENV{PYTHONDONTWRITEBYTECODE} 1)
  unset(ENV{SCOPA_LIBRARY})
  file(WRITE "${WORK}/trainer.py" [[
import pathlib, scopa, sys
from scopa import wandb, _library

trial = scopa.init({"lr": 0.1})
libraries = [library._name for library in (_library.trials(), _library.workers())]
prefix = pathlib.Path(sys.argv[1]).resolve()
assert all(prefix in pathlib.Path(name).resolve().parents for name in libraries), libraries
assert _library.installed("programs").resolve() == prefix / "bin"
print(trial.id, trial.params.lr)
trial.log({"loss": 1.0})
]])
  file(MAKE_DIRECTORY "${WORK}/run-python")
  run("${WORK}/run-python" "standalone 0.5" "${python}" "${WORK}/trainer.py" "${WORK}/prefix" --lr=0.5)
  if(NOT EXISTS "${WORK}/prefix/share/scopa/python/scopa/py.typed")
    message(FATAL_ERROR "the Python package was installed without py.typed")
  endif()
endif()

foreach(trainer minimal readme_trainer)
  if(EXISTS "${WORK}/build/${trainer}")
    file(MAKE_DIRECTORY "${WORK}/run-${trainer}")
    run("${WORK}/run-${trainer}" any "${WORK}/build/${trainer}")
  endif()
endforeach()

file(GLOB own_journals "${WORK}/run/.scopa/standalone/*/header")
list(LENGTH own_journals count)
if(NOT count EQUAL 6)
  message(FATAL_ERROR "6 standalone runs left ${count} journals")
endif()
run("${WORK}/run" "usage: own_worker SWEEP" "${WORK}/build/own_worker")
