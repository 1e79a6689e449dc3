# One OBJECT library and one archive for each folder of src/ that has code.
#
#   wb_<folder>_objects  what the library is made of
#   wb_<folder>          an archive with what it needs below it, for tests

set(WB_FOLDERS "")

# The folders that src/LAYERS lets a folder include, and theirs in turn.
function(wb_folders_below folder out)
  file(STRINGS ${PROJECT_SOURCE_DIR}/src/LAYERS rows REGEX "^${folder}([ \t]|$)")
  string(REGEX REPLACE "#.*" "" rows "${rows}")
  string(REGEX MATCHALL "[a-z]+" words "${rows}")
  set(below "")
  foreach(word IN LISTS words)
    if(NOT word STREQUAL folder AND TARGET wb_${word})
      list(APPEND below wb_${word})
    endif()
    if(word STREQUAL "whereabouts" AND TARGET wb_engine)
      list(APPEND below wb_engine)
    endif()
  endforeach()
  list(REMOVE_DUPLICATES below)
  list(REMOVE_ITEM below wb_${folder})
  set(${out} "${below}" PARENT_SCOPE)
endfunction()

function(wb_add_folder folder)
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${folder}/*.c
       ${PROJECT_SOURCE_DIR}/src/${folder}/*/*.c)
  if(NOT sources)
    return()
  endif()
  set(objects wb_${folder}_objects)
  add_library(${objects} OBJECT ${sources})
  target_include_directories(${objects} PUBLIC ${PROJECT_SOURCE_DIR}/include
                                               ${PROJECT_SOURCE_DIR}/src)
  target_compile_definitions(${objects} PRIVATE WB_VERSION="${PROJECT_VERSION}")
  if(folder IN_LIST WB_EDGE_FOLDERS)
    set_target_properties(${objects} PROPERTIES C_EXTENSIONS ON)
    target_compile_definitions(${objects} PRIVATE _GNU_SOURCE)
  elseif(folder STREQUAL "store")
    # The one core folder that meets the operating system: the lock of the second writer.
    target_compile_definitions(${objects} PRIVATE _POSIX_C_SOURCE=200809L)
  endif()
  target_link_libraries(${objects} PRIVATE wb_flags PkgConfig::sqlite PkgConfig::sodium
                                           PkgConfig::jansson)

  # What only the server's folders see.
  set(edge "")
  if(folder MATCHES "^(io|http|api|server)$")
    set(edge PkgConfig::libuv PkgConfig::microhttpd)
  endif()
  if(folder STREQUAL "tool")
    set(edge PkgConfig::curl)
  endif()
  target_link_libraries(${objects} PRIVATE ${edge})

  wb_folders_below(${folder} below)
  add_library(wb_${folder} STATIC $<TARGET_OBJECTS:${objects}>)
  target_include_directories(wb_${folder} INTERFACE ${PROJECT_SOURCE_DIR}/include
                                                    ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(wb_${folder} INTERFACE ${below} wb_flags PkgConfig::sqlite
                        PkgConfig::sodium PkgConfig::jansson ${edge} m)
  set_target_properties(wb_${folder} PROPERTIES LINKER_LANGUAGE C
                        ARCHIVE_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/folders)
  set(WB_FOLDERS ${WB_FOLDERS} ${folder} PARENT_SCOPE)
endfunction()

foreach(folder IN LISTS WB_LIBRARY_FOLDERS WB_PROGRAM_FOLDERS)
  wb_add_folder(${folder})
endforeach()

# The layer table is checked on every build, before it is believed.
file(GLOB layered CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/*/*.[ch]
     ${PROJECT_SOURCE_DIR}/src/*/*/*.[ch])
if(layered)
  add_custom_command(
    OUTPUT ${PROJECT_BINARY_DIR}/layers.stamp
    COMMAND ${PROJECT_SOURCE_DIR}/tools/layers src/LAYERS ${layered}
    COMMAND ${CMAKE_COMMAND} -E touch ${PROJECT_BINARY_DIR}/layers.stamp
    DEPENDS ${layered} ${PROJECT_SOURCE_DIR}/src/LAYERS ${PROJECT_SOURCE_DIR}/tools/layers
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    COMMENT "Checking src/LAYERS")
  add_custom_target(layers ALL DEPENDS ${PROJECT_BINARY_DIR}/layers.stamp)
endif()
