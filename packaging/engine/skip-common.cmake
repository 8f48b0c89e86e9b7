# The binding forces llama.cpp's "common" library on, although nothing of it is installed.
# A plain variable wins over the forced cache entry and saves about a third of the build.
set(LLAMA_BUILD_COMMON OFF)
