/*
 * Names that the PC's C library has too, such as close(). HOST_SYMBOL(close) gives a declaration another name for the
 * linker, so that the project calls the SDK and the SDK can still call the library.
 */
#pragma once

#define HOST_STRING_(x) #x
#define HOST_STRING(x)  HOST_STRING_(x)
#define HOST_SYMBOL(name) __asm__(HOST_STRING(__USER_LABEL_PREFIX__) "host_" #name)
