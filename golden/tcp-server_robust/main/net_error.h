/// @file
/// What errno means on a chip.

#pragma once

#ifdef __cplusplus
extern "C" {
#endif

/// Returns the name of an error of a socket call, and what it means here: "ECONNRESET, the peer
/// reset or refused the connection".
///
/// ESP-IDF's numbers differ from Linux's: 113 is ECONNABORTED here, and EHOSTUNREACH there.
///
/// @param error the value of errno
const char *net_error_text(int error);

/// Logs that a socket call has failed, with the meaning of errno.
///
/// It reads errno before anything else, since the log may change it.
///
/// @param tag of the module that logs
/// @param call that failed
/// @return errno
int net_error_log(const char *tag, const char *call);

#ifdef __cplusplus
}
#endif
