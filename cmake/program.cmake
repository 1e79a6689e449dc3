# The command line: the static library's public door, and base and codec for its own needs.
if(TARGET wb_tool_objects AND TARGET whereabouts_static)
  set(objects "")
  foreach(folder IN LISTS WB_PROGRAM_FOLDERS ITEMS base)
    if(TARGET wb_${folder}_objects)
      list(APPEND objects $<TARGET_OBJECTS:wb_${folder}_objects>)
    endif()
  endforeach()
  add_executable(whereabouts ${objects} $<TARGET_OBJECTS:wb_pages>
                             $<TARGET_OBJECTS:wb_openapi>)
  set_target_properties(whereabouts PROPERTIES LINKER_LANGUAGE C RUNTIME_OUTPUT_DIRECTORY
                                                                 ${PROJECT_BINARY_DIR})
  target_link_libraries(whereabouts PRIVATE wb_flags whereabouts_static PkgConfig::libuv
                                            PkgConfig::microhttpd PkgConfig::curl Threads::Threads)
endif()
