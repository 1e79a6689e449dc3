# What is installed, and the Debian packages (cpack -G DEB in the build folder).
if(TARGET whereabouts_static)
  configure_file(${PROJECT_SOURCE_DIR}/whereabouts.pc.in ${PROJECT_BINARY_DIR}/whereabouts.pc
                 @ONLY)
  install(TARGETS whereabouts_shared LIBRARY COMPONENT library NAMELINK_COMPONENT development
          PUBLIC_HEADER COMPONENT development)
  install(TARGETS whereabouts_static ARCHIVE COMPONENT development)
  install(FILES include/whereabouts/types.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/whereabouts
          COMPONENT development)
  install(FILES ${PROJECT_BINARY_DIR}/whereabouts.pc
          DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)
endif()
if(TARGET whereabouts)
  install(TARGETS whereabouts RUNTIME COMPONENT program)
  file(GLOB pages CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/man/*.1)
  install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT program)
  configure_file(${PROJECT_SOURCE_DIR}/install/whereabouts.service
                 ${PROJECT_BINARY_DIR}/whereabouts.service @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/whereabouts.service
          DESTINATION ${CMAKE_INSTALL_PREFIX}/lib/systemd/system COMPONENT program)
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_VENDOR "whereabouts")
set(CPACK_PACKAGE_CONTACT "whereabouts maintainers <maintainers@invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL program library development)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME whereabouts)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_DEPENDS tzdata)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME libwhereabouts0)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_DEPENDS tzdata)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libwhereabouts-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
    "libwhereabouts0 (= ${PROJECT_VERSION}), libsqlite3-dev, libsodium-dev, libjansson-dev")
include(CPack)
