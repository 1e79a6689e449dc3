# src/api/openapi.json, built into the program by .incbin, and held against the table of rights on
# every build: an endpoint that it does not describe stops the build.
set(openapi ${PROJECT_SOURCE_DIR}/src/api/openapi.json)
set(openapi_assembly ${PROJECT_BINARY_DIR}/openapi/openapi.s)
file(CONFIGURE OUTPUT ${openapi_assembly}
     CONTENT ".section .rodata\nwb_openapi_begin: .global wb_openapi_begin\n.incbin \"${openapi}\"\nwb_openapi_end: .global wb_openapi_end\n.section .note.GNU-stack,\"\",%progbits\n"
     @ONLY)
set_source_files_properties(${openapi_assembly} PROPERTIES OBJECT_DEPENDS ${openapi})
add_library(wb_openapi OBJECT ${openapi_assembly})

add_custom_command(
  OUTPUT ${PROJECT_BINARY_DIR}/contract.stamp
  COMMAND ${PROJECT_SOURCE_DIR}/tools/contract src/access/rights.def src/api/openapi.json
  COMMAND ${CMAKE_COMMAND} -E touch ${PROJECT_BINARY_DIR}/contract.stamp
  DEPENDS ${openapi} ${PROJECT_SOURCE_DIR}/src/access/rights.def ${PROJECT_SOURCE_DIR}/tools/contract
  WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
  COMMENT "Checking src/api/openapi.json")
add_custom_target(contract ALL DEPENDS ${PROJECT_BINARY_DIR}/contract.stamp)
