# SPDX-License-Identifier: Apache-2.0
# The conformance cases. vector-file reads and runs them; a side's program brings the drivers.
add_library(vector-file STATIC
  ${CMAKE_CURRENT_LIST_DIR}/vector_file.c
  ${CMAKE_CURRENT_LIST_DIR}/vector_run.c)
target_include_directories(vector-file PUBLIC ${CMAKE_CURRENT_LIST_DIR}
  ${PROJECT_SOURCE_DIR}/proxy-link)
target_link_libraries(vector-file PUBLIC proxy-link PRIVATE causeway-warnings)

# cw_vectors(AREA PROGRAM FILES NOT-RUN): files of cases, by name, that PROGRAM plays; NOT-RUN are
# the cases that it may leave out.
function(cw_vectors area program files not_run)
  set(arguments)
  foreach(id IN LISTS not_run)
    list(APPEND arguments --not-run ${id})
  endforeach()
  foreach(name IN LISTS files)
    list(APPEND arguments ${PROJECT_SOURCE_DIR}/tests/vectors/${name}.yaml)
  endforeach()
  add_test(NAME vectors.${area} COMMAND ${program} ${arguments})
  set_tests_properties(vectors.${area} PROPERTIES TIMEOUT 120)
endfunction()

include(${CMAKE_CURRENT_LIST_DIR}/gateway.cmake OPTIONAL)
include(${CMAKE_CURRENT_LIST_DIR}/edge.cmake OPTIONAL)
