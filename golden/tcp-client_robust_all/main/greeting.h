/// @file
/// What the client sends first: the spec's client.greeting.

#pragma once

#define GREETING "GET / HTTP/1.0\015\n\015\n"
