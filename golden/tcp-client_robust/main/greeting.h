/// @file
/// What the client sends first: the spec's client.greeting.

#pragma once

#define GREETING "Hello World!"
