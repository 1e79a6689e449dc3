# libwhereabouts, shared and static. Only wb_* leaves either of them (tools/symbols).
set(objects "")
foreach(folder IN LISTS WB_LIBRARY_FOLDERS)
  if(TARGET wb_${folder}_objects)
    list(APPEND objects $<TARGET_OBJECTS:wb_${folder}_objects>)
  endif()
endforeach()
if(NOT objects)
  message(STATUS "src/ has no library code yet")
  return()
endif()

set(needs PkgConfig::sqlite PkgConfig::sodium PkgConfig::jansson m)

add_library(whereabouts_shared SHARED ${objects})
set_target_properties(
  whereabouts_shared
  PROPERTIES OUTPUT_NAME whereabouts VERSION ${PROJECT_VERSION} SOVERSION 0 LINKER_LANGUAGE C
             PUBLIC_HEADER ${PROJECT_SOURCE_DIR}/include/whereabouts.h)
target_link_libraries(whereabouts_shared PRIVATE wb_flags ${needs})
target_include_directories(whereabouts_shared
                           INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>)

# The static library is one relocatable object whose internal names are made local, so that an
# embedder may have a list_push of their own. Instrumented builds skip that step: their run-time
# libraries want to see the hidden names.
if(WB_SANITIZE OR WB_COVERAGE OR WB_FUZZ)
  add_library(whereabouts_static STATIC ${objects})
else()
  set(whole ${PROJECT_BINARY_DIR}/whereabouts_whole.o)
  add_custom_command(
    OUTPUT ${whole}
    COMMAND ${CMAKE_LINKER} -r -o ${whole} ${objects}
    COMMAND ${CMAKE_OBJCOPY} --localize-hidden ${whole}
    DEPENDS ${objects}
    COMMAND_EXPAND_LISTS VERBATIM
    COMMENT "Sealing libwhereabouts.a")
  set_source_files_properties(${whole} PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
  add_library(whereabouts_static STATIC ${whole})
endif()
set_target_properties(whereabouts_static PROPERTIES OUTPUT_NAME whereabouts LINKER_LANGUAGE C)
target_link_libraries(whereabouts_static PRIVATE wb_flags PUBLIC ${needs})
target_include_directories(whereabouts_static
                           PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>)
