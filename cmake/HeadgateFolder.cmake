# headgate_folder(NAME SOURCES file... [PUBLIC library...] [PRIVATE library...])
# A folder of the house as a static library called headgate_NAME, compiled with the project's warnings as errors.
# Headers are included from the project's root: "core/result.h".
find_package(fmt REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(Threads REQUIRED)

# Each shared library costs each start of a program. Programs with the property HEADGATE_QUICK_START get OpenSSL's functions
# from its archive; the others must not, because libcurl brings the shared one along. fmt is always compiled in.
find_library(HEADGATE_CRYPTO_ARCHIVE libcrypto.a REQUIRED)
set(HEADGATE_CRYPTO "$<IF:$<BOOL:$<TARGET_PROPERTY:HEADGATE_QUICK_START>>,${HEADGATE_CRYPTO_ARCHIVE},OpenSSL::Crypto>")
add_library(headgate_fmt STATIC ${CMAKE_SOURCE_DIR}/core/fmt.cc)
target_compile_definitions(headgate_fmt INTERFACE FMT_SHARED)  # declared as for spdlog, which brings fmt's shared library along

function(headgate_folder name)
  cmake_parse_arguments(ARG "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(headgate_${name} STATIC ${ARG_SOURCES})
  target_include_directories(headgate_${name} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(headgate_${name} PUBLIC ${ARG_PUBLIC} headgate_fmt Threads::Threads PRIVATE ${ARG_PRIVATE})
  headgate_warnings(headgate_${name})
endfunction()

function(headgate_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wshadow -Wconversion -Werror -Wno-missing-field-initializers)
endfunction()

# headgate_test(NAME SOURCES file... LIBRARIES library... [LABEL unit])
# A GoogleTest program whose tests ctest knows one by one. With LABEL integration they get the control plane of
# tests/integration.
function(headgate_test name)
  cmake_parse_arguments(ARG "" "LABEL" "SOURCES;LIBRARIES" ${ARGN})
  if(NOT ARG_LABEL)
    set(ARG_LABEL unit)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LIBRARIES} GTest::gmock GTest::gtest GTest::gtest_main)
  headgate_warnings(${name})
  set(more)
  if(ARG_LABEL STREQUAL integration)
    set(more FIXTURES_REQUIRED control_plane RESOURCE_LOCK control_plane ENVIRONMENT
             ${HEADGATE_INTEGRATION_ENVIRONMENT})
  endif()
  gtest_discover_tests(${name} TEST_PREFIX "${ARG_LABEL}." PROPERTIES LABELS ${ARG_LABEL} TIMEOUT 300 ${more}
                       DISCOVERY_TIMEOUT 60)
endfunction()
