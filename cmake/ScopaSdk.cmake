# The two shared libraries that trainers link, and how they are installed.
#
# scopa_sdk_library(<target> NAME <libNAME.so> SOURCES ... HEADERS ... [USES ...] [PRIVATE ...])
# makes the target with the alias scopa::NAME. HEADERS are file names in sdk/include/scopa; USES is
# another such library; PRIVATE is linked in and hidden: only scopa_* symbols leave the library, so
# that nothing of what it is made of can clash with the trainer's own.
function(scopa_sdk_library target)
  cmake_parse_arguments(arg "" "NAME" "SOURCES;HEADERS;USES;PRIVATE" ${ARGN})
  set(include "${PROJECT_SOURCE_DIR}/sdk/include")
  set(map "${PROJECT_SOURCE_DIR}/sdk/src/exports.map")
  list(TRANSFORM arg_HEADERS PREPEND "${include}/scopa/")
  list(TRANSFORM arg_PRIVATE REPLACE "(.+)" "$<BUILD_INTERFACE:\\1>")

  add_library(${target} SHARED ${arg_SOURCES})
  add_library(scopa::${arg_NAME} ALIAS ${target})
  target_include_directories(${target} PUBLIC
    "$<BUILD_INTERFACE:${include}>" "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
  target_compile_features(${target} INTERFACE cxx_std_17)
  target_link_libraries(${target} PUBLIC ${arg_USES}
                                  PRIVATE ${arg_PRIVATE} "$<BUILD_INTERFACE:scopa::flags>")
  target_link_options(${target} PRIVATE "LINKER:--version-script=${map}" "LINKER:--as-needed"
                                        "LINKER:--gc-sections")
  set_target_properties(${target} PROPERTIES
    OUTPUT_NAME ${arg_NAME} EXPORT_NAME ${arg_NAME} LINK_DEPENDS "${map}" INSTALL_RPATH "\$ORIGIN"
    VERSION "${PROJECT_VERSION}" SOVERSION "${PROJECT_VERSION_MAJOR}")
  install(TARGETS ${target} EXPORT scopa-targets
    LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT sdk)
  install(FILES ${arg_HEADERS} DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/scopa" COMPONENT sdk)
endfunction()

# Called once, after all targets: the executable as component cli, and what find_package(scopa)
# finds.
function(scopa_install_package)
  include(CMakePackageConfigHelpers)
  set(folder "${CMAKE_INSTALL_LIBDIR}/cmake/scopa")
  configure_package_config_file(
    "${PROJECT_SOURCE_DIR}/cmake/scopa-config.cmake.in" "${PROJECT_BINARY_DIR}/scopa-config.cmake"
    INSTALL_DESTINATION "${folder}" NO_SET_AND_CHECK_MACRO)
  write_basic_package_version_file("${PROJECT_BINARY_DIR}/scopa-config-version.cmake"
    COMPATIBILITY SameMajorVersion)
  install(FILES "${PROJECT_BINARY_DIR}/scopa-config.cmake"
                "${PROJECT_BINARY_DIR}/scopa-config-version.cmake"
    DESTINATION "${folder}" COMPONENT sdk)
  if(TARGET scopa)
    install(TARGETS scopa RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT cli)
  endif()
  install(EXPORT scopa-targets NAMESPACE scopa:: DESTINATION "${folder}" COMPONENT sdk)
endfunction()
