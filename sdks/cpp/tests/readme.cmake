# The README's first sample is the example that is built and run.
file(READ ${README} readme)
file(READ ${EXAMPLE} example)
string(FIND "${example}" "#include" begin)
string(SUBSTRING "${example}" ${begin} -1 sample)
string(FIND "${readme}" "${sample}" found)
if(found EQUAL -1)
  message(FATAL_ERROR "README.md does not show examples/hello.cpp as it is:\n${sample}")
endif()
