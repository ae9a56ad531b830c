# check_soak.cmake: runs SOAK on the programs in BUILD and reads what it says.
execute_process(COMMAND "${SOAK}" --seconds 5 --no-fuzz --json --build "${BUILD}"
                RESULT_VARIABLE status OUTPUT_VARIABLE out ERROR_VARIABLE err)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "soak ended with ${status}:\n${out}\n${err}")
endif()
string(JSON violations GET "${out}" violations)
string(JSON seeds GET "${out}" simulation seeds)
string(JSON kills GET "${out}" crashes kills)
if(NOT violations EQUAL 0 OR seeds LESS 1 OR kills LESS 1)
  message(FATAL_ERROR "soak: ${violations} violations, ${seeds} seeds, ${kills} kills")
endif()
message(STATUS "${seeds} seeds, ${kills} kills")
