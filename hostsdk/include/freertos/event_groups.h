/* Event groups. */
#pragma once

#ifndef INC_FREERTOS_H
#error "freertos/FreeRTOS.h must be included before this header"
#endif

#include "freertos/timers.h"

#ifdef __cplusplus
extern "C" {
#endif

struct EventGroupDef_t;
typedef struct EventGroupDef_t *EventGroupHandle_t;
typedef TickType_t EventBits_t;

EventGroupHandle_t xEventGroupCreate(void);
EventBits_t xEventGroupWaitBits(EventGroupHandle_t xEventGroup, const EventBits_t uxBitsToWaitFor,
                                const BaseType_t xClearOnExit, const BaseType_t xWaitForAllBits, TickType_t xTicksToWait);
EventBits_t xEventGroupSetBits(EventGroupHandle_t xEventGroup, const EventBits_t uxBitsToSet);
EventBits_t xEventGroupClearBits(EventGroupHandle_t xEventGroup, const EventBits_t uxBitsToClear);
void vEventGroupDelete(EventGroupHandle_t xEventGroup);

#define xEventGroupGetBits(xEventGroup) xEventGroupClearBits((xEventGroup), 0)

#ifdef __cplusplus
}
#endif
