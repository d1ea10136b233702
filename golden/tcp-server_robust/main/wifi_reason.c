#include <stddef.h>
#include "esp_wifi.h"
#include "wifi_reason.h"

#define PASSWORD_HINT "is the password right?"
#define SECURITY_HINT "do the security of the access point and the password fit what the station asks for?"
#define AWAY_HINT "is the access point still on and in reach?"
#define NO_AP_HINT "is the access point on and in reach, the SSID right, and the password set?"
#define SIGNAL_HINT "is the signal strong enough?"
#define AP_HINT "the access point ended it."

// The reasons that a station meets, of wifi_err_reason_t. Those that stand as numbers have no name, or
// another one, in early versions of ESP-IDF 5.
static const struct {
    uint8_t reason;
    const char *name;
    const char *hint;
} reasons[] = {
    { WIFI_REASON_UNSPECIFIED, "UNSPECIFIED", AP_HINT },
    { WIFI_REASON_AUTH_EXPIRE, "AUTH_EXPIRE", "is the password right, and the signal strong enough?" },
    { WIFI_REASON_AUTH_LEAVE, "AUTH_LEAVE", AP_HINT },
    { 4, "DISASSOC_DUE_TO_INACTIVITY", "the access point heard nothing for long." },
    { WIFI_REASON_ASSOC_TOOMANY, "ASSOC_TOOMANY", "the access point has too many stations." },
    { 6, "CLASS2_FRAME_FROM_NONAUTH_STA", "the access point has forgotten the station." },
    { 7, "CLASS3_FRAME_FROM_NONASSOC_STA", "the access point has forgotten the station." },
    { WIFI_REASON_ASSOC_LEAVE, "ASSOC_LEAVE", "the station left." },
    { WIFI_REASON_ASSOC_NOT_AUTHED, "ASSOC_NOT_AUTHED", AP_HINT },
    { WIFI_REASON_DISASSOC_PWRCAP_BAD, "DISASSOC_PWRCAP_BAD", AP_HINT },
    { WIFI_REASON_DISASSOC_SUPCHAN_BAD, "DISASSOC_SUPCHAN_BAD", AP_HINT },
    { WIFI_REASON_BSS_TRANSITION_DISASSOC, "BSS_TRANSITION_DISASSOC", AP_HINT },
    { WIFI_REASON_IE_INVALID, "IE_INVALID", SECURITY_HINT },
    { WIFI_REASON_MIC_FAILURE, "MIC_FAILURE", SECURITY_HINT },
    { WIFI_REASON_4WAY_HANDSHAKE_TIMEOUT, "4WAY_HANDSHAKE_TIMEOUT", PASSWORD_HINT },
    { WIFI_REASON_GROUP_KEY_UPDATE_TIMEOUT, "GROUP_KEY_UPDATE_TIMEOUT", SIGNAL_HINT },
    { WIFI_REASON_IE_IN_4WAY_DIFFERS, "IE_IN_4WAY_DIFFERS", SECURITY_HINT },
    { WIFI_REASON_GROUP_CIPHER_INVALID, "GROUP_CIPHER_INVALID", SECURITY_HINT },
    { WIFI_REASON_PAIRWISE_CIPHER_INVALID, "PAIRWISE_CIPHER_INVALID", SECURITY_HINT },
    { WIFI_REASON_AKMP_INVALID, "AKMP_INVALID", SECURITY_HINT },
    { WIFI_REASON_UNSUPP_RSN_IE_VERSION, "UNSUPP_RSN_IE_VERSION", SECURITY_HINT },
    { WIFI_REASON_INVALID_RSN_IE_CAP, "INVALID_RSN_IE_CAP", SECURITY_HINT },
    { WIFI_REASON_802_1X_AUTH_FAILED, "802_1X_AUTH_FAILED", "the network wants a user name: it is an enterprise network." },
    { WIFI_REASON_CIPHER_SUITE_REJECTED, "CIPHER_SUITE_REJECTED", SECURITY_HINT },
    { WIFI_REASON_MISSING_ACKS, "MISSING_ACKS", SIGNAL_HINT },
    { 36, "STA_LEAVING", "the station gave up joining." },
    { WIFI_REASON_TIMEOUT, "TIMEOUT", SIGNAL_HINT },
    { WIFI_REASON_INVALID_PMKID, "INVALID_PMKID", "the access point has forgotten the station." },
    { WIFI_REASON_BEACON_TIMEOUT, "BEACON_TIMEOUT", AWAY_HINT },
    { WIFI_REASON_NO_AP_FOUND, "NO_AP_FOUND", NO_AP_HINT },
    { WIFI_REASON_AUTH_FAIL, "AUTH_FAIL", PASSWORD_HINT },
    { WIFI_REASON_ASSOC_FAIL, "ASSOC_FAIL", SIGNAL_HINT },
    { WIFI_REASON_HANDSHAKE_TIMEOUT, "HANDSHAKE_TIMEOUT", PASSWORD_HINT },
    { WIFI_REASON_CONNECTION_FAIL, "CONNECTION_FAIL", SIGNAL_HINT },
    { WIFI_REASON_AP_TSF_RESET, "AP_TSF_RESET", "the access point started again." },
    { WIFI_REASON_ROAMING, "ROAMING", "the station moves to another access point." },
    { WIFI_REASON_ASSOC_COMEBACK_TIME_TOO_LONG, "ASSOC_COMEBACK_TIME_TOO_LONG", "the access point asks to come back later." },
    { WIFI_REASON_SA_QUERY_TIMEOUT, "SA_QUERY_TIMEOUT", SIGNAL_HINT },
    { 210, "NO_AP_FOUND_W_COMPATIBLE_SECURITY", SECURITY_HINT },
    { 211, "NO_AP_FOUND_IN_AUTHMODE_THRESHOLD", SECURITY_HINT },
    { 212, "NO_AP_FOUND_IN_RSSI_THRESHOLD", SIGNAL_HINT },
};

const char *wifi_reason_name(uint8_t reason)
{
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        if (reasons[i].reason == reason) {
            return reasons[i].name;
        }
    }
    return "a rare reason";
}

const char *wifi_reason_hint(uint8_t reason)
{
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        if (reasons[i].reason == reason) {
            return reasons[i].hint;
        }
    }
    return "wifi_err_reason_t in esp_wifi_types.h lists the reasons by number.";
}
