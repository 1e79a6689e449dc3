# test/fault: the disk, the memory or the other process fails, and nothing acknowledged is lost.
#
#   test/fault/x_test.c    one program each, linked with everything, test/lib and test/fault/*.c
#   test/fault/planted_test.sh   the tests find bugs that are planted with -DWB_PLANT=n
if(NOT TARGET wb_test_lib)
  return()
endif()

file(GLOB fault_tests CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/test/fault/*_test.c)
file(GLOB fault_parts CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/test/fault/*.c)
list(REMOVE_ITEM fault_parts ${fault_tests})
if(NOT TARGET wb_engine)
  # The faulty disk itself needs no engine.
  list(FILTER fault_tests INCLUDE REGEX "/faulty_")
endif()
if(fault_parts)
  add_library(wb_fault_lib STATIC ${fault_parts})
  set_target_properties(wb_fault_lib PROPERTIES C_EXTENSIONS ON)
  target_link_libraries(wb_fault_lib PUBLIC wb_test_lib PRIVATE wb_flags)
endif()

foreach(source IN LISTS fault_tests)
  cmake_path(GET source STEM stem)
  wb_test_program(fault_${stem} fault/${stem} ${source} wb_fault_lib wb_test_lib wb_inside)
endforeach()
if(TARGET fault_alloc_test)
  target_link_options(fault_alloc_test PRIVATE -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc)
endif()

# wb_planted(N TEST SOURCE): the test built against a library with the N-th bug in it. Only the
# sources that speak of WB_PLANT are compiled again; the rest comes from the archives.
function(wb_planted number test source)
  set(planted "")
  foreach(folder IN LISTS WB_FOLDERS)
    get_target_property(candidates wb_${folder}_objects SOURCES)
    foreach(candidate IN LISTS candidates)
      file(STRINGS ${candidate} hits REGEX "WB_PLANT" LIMIT_COUNT 1)
      if(hits)
        list(APPEND planted ${candidate})
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${candidate})
      endif()
    endforeach()
  endforeach()
  if(NOT planted OR NOT EXISTS ${source})
    return()
  endif()
  set(objects whereabouts_plant_${number})
  if(NOT TARGET ${objects})
    add_library(${objects} OBJECT ${planted})
    target_include_directories(${objects} PRIVATE ${PROJECT_SOURCE_DIR}/include
                                                  ${PROJECT_SOURCE_DIR}/src)
    target_compile_definitions(${objects} PRIVATE WB_PLANT=${number} _POSIX_C_SOURCE=200809L
                                                  WB_VERSION="${PROJECT_VERSION}")
    target_link_libraries(${objects} PRIVATE wb_flags PkgConfig::sqlite PkgConfig::sodium
                                             PkgConfig::jansson PkgConfig::zstd)
  endif()
  set(program planted_${number}_${test})
  add_executable(${program} ${source} $<TARGET_OBJECTS:${objects}>)
  set_target_properties(${program} PROPERTIES C_EXTENSIONS ON RUNTIME_OUTPUT_DIRECTORY
                                              ${PROJECT_BINARY_DIR}/test)
  target_include_directories(${program} PRIVATE ${PROJECT_SOURCE_DIR}/include
                                                ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${program} PRIVATE wb_fault_lib wb_test_lib wb_inside wb_flags
                                           PkgConfig::cmocka Threads::Threads m)
  add_test(NAME fault/planted_${number}_${test}
           COMMAND bash ${PROJECT_SOURCE_DIR}/test/fault/planted_test.sh ${number}
                   $<TARGET_FILE:${program}>
           WORKING_DIRECTORY ${PROJECT_BINARY_DIR})
  set_tests_properties(fault/planted_${number}_${test}
                       PROPERTIES TIMEOUT 300 ENVIRONMENT "${WB_TEST_ENVIRONMENT}")
endfunction()

if(TARGET wb_engine)
  set(crash_test ${PROJECT_SOURCE_DIR}/test/fault/crash_test.c)
  set(model_test ${PROJECT_SOURCE_DIR}/test/sim/model_test.c)
  wb_planted(1 crash_test ${crash_test}) # synchronous=NORMAL
  wb_planted(2 model_test ${model_test}) # the last arrival wins
  wb_planted(3 crash_test ${crash_test}) # acknowledged before the commit
  wb_planted(4 model_test ${model_test}) # a zone block off by one
  wb_planted(5 model_test ${model_test}) # repeats are not found
endif()
