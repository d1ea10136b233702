/// @file
/// The Wi-Fi password. It is not in sdkconfig.secrets, since ESP-IDF's build would change it there.
/// git ignores this file.

#pragma once

#define WIFI_PASSWORD "it's \"quoted\" $HOME \\ #1"
