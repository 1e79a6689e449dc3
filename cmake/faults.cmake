# What the tests of test/fault need beyond being found (tests.cmake): allocations that fail, and
# libraries with a bug planted in them.
if(TARGET fault_alloc_test)
  target_link_options(fault_alloc_test PRIVATE -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc)
endif()

# wb_planted(N KIND TEST): test/KIND/TEST.c built against a library with the N-th bug in it, as
# build/test/planted_N_TEST; test/fault/planted_test.sh runs all of them. Only the sources that
# have that bug to plant are compiled again; the rest comes from the archives.
function(wb_planted number kind test)
  set(directory ${PROJECT_SOURCE_DIR}/test/${kind})
  set(planted "")
  foreach(folder IN LISTS WB_LIBRARY_FOLDERS)
    if(NOT TARGET wb_${folder}_objects)
      continue()
    endif()
    get_target_property(candidates wb_${folder}_objects SOURCES)
    foreach(candidate IN LISTS candidates)
      file(STRINGS ${candidate} hits REGEX "WB_PLANT [!=]= ${number}([^0-9]|$)" LIMIT_COUNT 1)
      if(hits)
        list(APPEND planted ${candidate})
      endif()
    endforeach()
  endforeach()
  if(NOT planted OR NOT EXISTS ${directory}/${test}.c)
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
                                             PkgConfig::jansson)
  endif()
  file(GLOB shared CONFIGURE_DEPENDS ${directory}/*.c)
  list(FILTER shared EXCLUDE REGEX "_test\\.c$")
  set(program planted_${number}_${test})
  add_executable(${program} ${directory}/${test}.c ${shared} $<TARGET_OBJECTS:${objects}>)
  set_target_properties(${program} PROPERTIES C_EXTENSIONS ON RUNTIME_OUTPUT_DIRECTORY
                                              ${PROJECT_BINARY_DIR}/test)
  target_compile_definitions(${program} PRIVATE WB_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_include_directories(${program} PRIVATE ${PROJECT_SOURCE_DIR}/include
                                                ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${program} PRIVATE wb_test_lib wb_inside wb_flags PkgConfig::cmocka
                                           Threads::Threads m)
endfunction()

if(TARGET wb_test_lib AND TARGET wb_engine)
  wb_planted(1 fault crash_test) # synchronous=NORMAL
  wb_planted(2 sim model_test) # the last arrival wins
  wb_planted(3 fault crash_test) # acknowledged before the commit
  wb_planted(4 sim model_test) # a zone block off by one
  wb_planted(5 sim model_test) # repeats are not found
endif()

# The stories of test/sim against a library with small blocks and groups, so that even they have
# many: each block cut, each border between groups and each way across them is crossed again and
# again. All that knows their sizes is compiled again.
if(TARGET wb_test_lib AND TARGET wb_engine)
  set(small "")
  foreach(folder history engine)
    get_target_property(sources wb_${folder}_objects SOURCES)
    list(APPEND small ${sources})
  endforeach()
  add_library(whereabouts_small OBJECT ${small})
  # The linter would take each of these files twice.
  set_target_properties(whereabouts_small PROPERTIES EXPORT_COMPILE_COMMANDS OFF)
  target_include_directories(whereabouts_small PRIVATE ${PROJECT_SOURCE_DIR}/include
                                                       ${PROJECT_SOURCE_DIR}/src)
  target_compile_definitions(whereabouts_small PRIVATE WB_SMALL=1 _POSIX_C_SOURCE=200809L
                                                       WB_VERSION="${PROJECT_VERSION}")
  target_link_libraries(whereabouts_small PRIVATE wb_flags PkgConfig::sqlite PkgConfig::sodium
                                                  PkgConfig::jansson)
  wb_test_program(sim_model_small sim/model_small ${PROJECT_SOURCE_DIR}/test/sim/model_test.c
                  $<TARGET_OBJECTS:whereabouts_small> wb_test_lib wb_inside)
endif()
