# Writes OUTPUT, a C++ source that holds the files NAMES (a list, relative to DIRECTORY) as raw string literals.
# Called at build time: cmake -DDIRECTORY=... -DNAMES=... -DOUTPUT=... -P embed.cmake
set(delimiter headgate_yaml)
set(entries "")
foreach(name IN LISTS NAMES)
  file(READ "${DIRECTORY}/${name}" text)
  string(FIND "${text}" ")${delimiter}\"" clash)
  if(NOT clash EQUAL -1)
    message(FATAL_ERROR "${name} holds )${delimiter}\", which ends the string literal that it is put into")
  endif()
  string(APPEND entries "    {\"${name}\", R\"${delimiter}(${text})${delimiter}\"},\n")
endforeach()
file(WRITE "${OUTPUT}" "// Made from install/ by install/embed/embed.cmake; do not edit.
#include \"install/manifests.h\"

namespace headgate::install {

namespace {

constexpr Manifest kManifests[] = {
${entries}};

}  // namespace

std::span<const Manifest> Manifests() { return kManifests; }

}  // namespace headgate::install
")
