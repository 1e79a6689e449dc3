# The pages of web/dist, built into the program by .incbin: each file as it is and packed by gzip,
# and a table of them (src/api/pages.h). Without web/dist the table is empty.
find_program(GZIP gzip REQUIRED)

set(pages_directory ${PROJECT_BINARY_DIR}/pages)
set(pages_assembly ".section .rodata\n")
set(pages_externs "")
set(pages_table "")
set(pages_packed "")
file(MAKE_DIRECTORY ${pages_directory})
file(GLOB_RECURSE pages CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/web/dist/*)
list(SORT pages)

function(wb_page_type file out)
  set(html "text/html; charset=utf-8")
  set(js "text/javascript; charset=utf-8")
  set(css "text/css; charset=utf-8")
  set(svg "image/svg+xml")
  set(png "image/png")
  set(woff2 "font/woff2")
  set(wasm "application/wasm")
  set(json "application/json")
  set(webmanifest "application/manifest+json")
  set(txt "text/plain; charset=utf-8")
  get_filename_component(ending ${file} LAST_EXT)
  string(SUBSTRING "${ending}." 1 -1 ending)
  string(REPLACE "." "" ending "${ending}")
  if(DEFINED ${ending})
    set(${out} "${${ending}}" PARENT_SCOPE)
  else()
    set(${out} "application/octet-stream" PARENT_SCOPE)
  endif()
endfunction()

set(number 0)
foreach(page IN LISTS pages)
  file(RELATIVE_PATH path ${PROJECT_SOURCE_DIR}/web/dist ${page})
  file(SHA256 ${page} hash)
  string(SUBSTRING ${hash} 0 32 hash)
  wb_page_type(${page} type)
  set(hashed false)
  if(path MATCHES "^assets/")
    set(hashed true)
  endif()
  set(packed ${pages_directory}/${number}.gz)
  add_custom_command(OUTPUT ${packed} COMMAND ${GZIP} -9 -n -c ${page} > ${packed}
                     DEPENDS ${page} VERBATIM COMMENT "Packing ${path}")
  list(APPEND pages_packed ${packed})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${page})
  foreach(form IN ITEMS page packed)
    string(APPEND pages_assembly
           ".balign 16\nwb_${form}_${number}_begin: .global wb_${form}_${number}_begin\n"
           ".incbin \"${${form}}\"\nwb_${form}_${number}_end: .global wb_${form}_${number}_end\n")
    string(APPEND pages_externs
           "extern const unsigned char wb_${form}_${number}_begin[], wb_${form}_${number}_end[];\n")
  endforeach()
  string(APPEND pages_table
         "    {\"/${path}\", \"${type}\", \"\\\"${hash}\\\"\", wb_page_${number}_begin, "
         "wb_page_${number}_end, wb_packed_${number}_begin, wb_packed_${number}_end, ${hashed}},\n")
  math(EXPR number "${number} + 1")
endforeach()
string(APPEND pages_assembly ".section .note.GNU-stack,\"\",%progbits\n")

file(CONFIGURE OUTPUT ${pages_directory}/pages.s CONTENT "${pages_assembly}" @ONLY)
file(CONFIGURE OUTPUT ${pages_directory}/pages.c
     CONTENT "#include \"api/pages.h\"\n\n${pages_externs}\nconst struct page_file page_files[] = {\n${pages_table}    {0},\n};\n"
     @ONLY)
enable_language(ASM)
set_source_files_properties(${pages_directory}/pages.s PROPERTIES OBJECT_DEPENDS
                                                                  "${pages};${pages_packed}")
add_library(wb_pages OBJECT ${pages_directory}/pages.c ${pages_directory}/pages.s)
target_include_directories(wb_pages PRIVATE ${PROJECT_SOURCE_DIR}/src)
