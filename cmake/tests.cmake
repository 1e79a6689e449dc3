# Tests are found by their place:
#
#   test/unit/<folder>/x_test.c  one cmocka program each, linked with that folder and those below
#   test/sim/x_test.c            seeded runs of the whole; linked with everything and test/lib
#   test/fault/x_test.c          the same, with disks that forget and memory that ends
#   test/fuzz/x_fuzz.c           replays test/fuzz/seeds/x and mutations of them
#   test/e2e/x.sh                the program as a user runs it; $WHEREABOUTS is its path
#   test/tools/x_test.sh         the checkers of tools/ can fail
#   examples/x.c                 an embedder: public header and static library, nothing else
#
# A test script that exits 77 was skipped and says why.
pkg_check_modules(cmocka REQUIRED IMPORTED_TARGET cmocka)
# The real logs that test/sim reads are packed with it; the library has no use for it.
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)

set(WB_TEST_ENVIRONMENT
    "WHEREABOUTS=${PROJECT_BINARY_DIR}/whereabouts"
    "WB_SHARED_DIR=${PROJECT_SOURCE_DIR}/../shared"
    "UBSAN_OPTIONS=print_stacktrace=1")
# Faults are tried at as many boundaries as the release tests have time for; the sanitizers, some
# three times as slow, look at each fourth of them.
if(WB_SANITIZE)
  list(APPEND WB_TEST_ENVIRONMENT "WB_FAULT_THIN=4" "WB_SANITIZED=1")
endif()

# Everything inside, for the tests that need more than one folder.
add_library(wb_inside INTERFACE)
foreach(folder IN LISTS WB_FOLDERS)
  target_link_libraries(wb_inside INTERFACE wb_${folder})
endforeach()

file(GLOB test_lib CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/test/lib/*.c)
if(test_lib)
  add_library(wb_test_lib STATIC ${test_lib})
  set_target_properties(wb_test_lib PROPERTIES C_EXTENSIONS ON)
  target_compile_definitions(wb_test_lib PUBLIC _GNU_SOURCE
                             WB_SHARED_DIR="${PROJECT_SOURCE_DIR}/../shared")
  target_include_directories(wb_test_lib PUBLIC ${PROJECT_SOURCE_DIR}/test ${PROJECT_SOURCE_DIR}/test/lib)
  target_link_libraries(wb_test_lib PUBLIC wb_inside PkgConfig::cmocka PkgConfig::zstd
                                           Threads::Threads)
endif()

# wb_test_program(TARGET NAME SOURCE libraries...): one program, one test.
function(wb_test_program target name source)
  add_executable(${target} ${source})
  set_target_properties(${target} PROPERTIES C_EXTENSIONS ON RUNTIME_OUTPUT_DIRECTORY
                                             ${PROJECT_BINARY_DIR}/test)
  target_compile_definitions(
    ${target} PRIVATE _GNU_SOURCE WB_SHARED_DIR="${PROJECT_SOURCE_DIR}/../shared"
                      WB_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/include
                                               ${PROJECT_SOURCE_DIR}/src
                                               ${PROJECT_SOURCE_DIR}/test
                                               ${PROJECT_SOURCE_DIR}/test/lib)
  target_link_libraries(${target} PRIVATE ${ARGN} wb_flags PkgConfig::cmocka Threads::Threads m)
  add_test(NAME ${name} COMMAND ${target} WORKING_DIRECTORY ${PROJECT_BINARY_DIR})
  set_tests_properties(${name} PROPERTIES TIMEOUT 300 ENVIRONMENT "${WB_TEST_ENVIRONMENT}")
endfunction()

file(GLOB unit_tests CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/test/unit/*/*_test.c)
foreach(source IN LISTS unit_tests)
  cmake_path(GET source STEM stem)
  cmake_path(GET source PARENT_PATH directory)
  cmake_path(GET directory FILENAME folder)
  set(parts "")
  if(TARGET wb_${folder})
    list(APPEND parts wb_${folder})
  endif()
  # What stands on the whole library may use test/lib; the folders below are linked alone.
  if(folder STREQUAL engine OR folder IN_LIST WB_PROGRAM_FOLDERS)
    list(PREPEND parts wb_test_lib)
  endif()
  wb_test_program(unit_${folder}_${stem} unit/${folder}/${stem} ${source} ${parts})
endforeach()

file(GLOB whole_tests CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/test/sim/*_test.c
     ${PROJECT_SOURCE_DIR}/test/e2e/*_test.c
     ${PROJECT_SOURCE_DIR}/test/fault/*_test.c)
foreach(source IN LISTS whole_tests)
  cmake_path(GET source STEM stem)
  cmake_path(GET source PARENT_PATH directory)
  cmake_path(GET directory FILENAME kind)
  # What is no test of its own is shared by the tests of its folder.
  file(GLOB shared CONFIGURE_DEPENDS ${directory}/*.c)
  list(FILTER shared EXCLUDE REGEX "_test\\.c$")
  set(parts wb_inside)
  if(TARGET wb_test_lib)
    list(PREPEND parts wb_test_lib)
  endif()
  wb_test_program(${kind}_${stem} ${kind}/${stem} ${source} ${parts})
  target_sources(${kind}_${stem} PRIVATE ${shared})
endforeach()

file(GLOB fuzz_targets CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/test/fuzz/*_fuzz.c)
foreach(source IN LISTS fuzz_targets)
  cmake_path(GET source STEM stem)
  string(REGEX REPLACE "_fuzz$" "" what ${stem})
  wb_test_program(replay_${what} fuzz/${what} ${source} wb_inside)
  target_sources(replay_${what} PRIVATE ${PROJECT_SOURCE_DIR}/test/fuzz/replay_main.c)
  target_compile_definitions(replay_${what} PRIVATE WB_FUZZ_NAME="${what}")
  if(WB_FUZZ)
    add_executable(fuzz_${what} ${source})
    set_target_properties(fuzz_${what} PROPERTIES C_EXTENSIONS ON RUNTIME_OUTPUT_DIRECTORY
                                                  ${PROJECT_BINARY_DIR}/fuzz)
    target_compile_definitions(fuzz_${what} PRIVATE _GNU_SOURCE)
    target_include_directories(fuzz_${what} PRIVATE ${PROJECT_SOURCE_DIR}/test)
    target_link_libraries(fuzz_${what} PRIVATE wb_inside wb_flags)
    target_link_options(fuzz_${what} PRIVATE -fsanitize=fuzzer)
  endif()
endforeach()

function(wb_script_test name script)
  add_test(NAME ${name} COMMAND bash ${script} WORKING_DIRECTORY ${PROJECT_BINARY_DIR})
  set_tests_properties(
    ${name} PROPERTIES TIMEOUT 300 SKIP_RETURN_CODE 77
                       ENVIRONMENT "${WB_TEST_ENVIRONMENT};WB_SOURCE_DIR=${PROJECT_SOURCE_DIR}")
endfunction()

if(TARGET whereabouts)
  file(GLOB e2e_tests CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/test/e2e/*.sh
       ${PROJECT_SOURCE_DIR}/test/fault/*.sh)
  foreach(script IN LISTS e2e_tests)
    cmake_path(GET script STEM stem)
    cmake_path(GET script PARENT_PATH directory)
    cmake_path(GET directory FILENAME kind)
    wb_script_test(${kind}/${stem} ${script})
  endforeach()
endif()

file(GLOB tool_tests CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/test/tools/*_test.sh)
foreach(script IN LISTS tool_tests)
  cmake_path(GET script STEM stem)
  wb_script_test(tools/${stem} ${script})
endforeach()

# The real library: what it exports is what the header says.
if(TARGET whereabouts_shared)
  set(sealed "")
  if(NOT WB_SANITIZE AND NOT WB_COVERAGE AND NOT WB_FUZZ)
    set(sealed $<TARGET_FILE:whereabouts_static>)
  endif()
  add_test(NAME tools/symbols
           COMMAND ${PROJECT_SOURCE_DIR}/tools/symbols ${PROJECT_SOURCE_DIR}/include/whereabouts.h
                   $<TARGET_FILE:whereabouts_shared> ${sealed})
endif()

if(TARGET whereabouts_static)
  file(GLOB examples CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/examples/*.c)
  foreach(source IN LISTS examples)
    cmake_path(GET source STEM stem)
    add_executable(example_${stem} ${source})
    set_target_properties(example_${stem} PROPERTIES RUNTIME_OUTPUT_DIRECTORY
                                                     ${PROJECT_BINARY_DIR}/examples)
    target_link_libraries(example_${stem} PRIVATE whereabouts_static wb_flags)
    set(room ${PROJECT_BINARY_DIR}/examples/${stem}.run)
    file(MAKE_DIRECTORY ${room})
    add_test(NAME examples/${stem} COMMAND example_${stem} WORKING_DIRECTORY ${room})
    set_tests_properties(examples/${stem} PROPERTIES TIMEOUT 60)
  endforeach()
endif()
