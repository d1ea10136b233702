/* Semaphores and mutexes. */
#pragma once

#ifndef INC_FREERTOS_H
#error "freertos/FreeRTOS.h must be included before this header"
#endif

#include "freertos/queue.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef QueueHandle_t SemaphoreHandle_t;

QueueHandle_t xQueueCreateCountingSemaphore(const UBaseType_t uxMaxCount, const UBaseType_t uxInitialCount);
QueueHandle_t xQueueCreateMutex(const uint8_t ucQueueType);
BaseType_t xQueueSemaphoreTake(QueueHandle_t xQueue, TickType_t xTicksToWait);

#define xSemaphoreCreateBinary()                                xQueueCreateCountingSemaphore(1, 0)
#define xSemaphoreCreateCounting(uxMaxCount, uxInitialCount)    xQueueCreateCountingSemaphore((uxMaxCount), (uxInitialCount))
#define xSemaphoreCreateMutex()                                 xQueueCreateMutex(1)
#define xSemaphoreTake(xSemaphore, xBlockTime)                  xQueueSemaphoreTake((xSemaphore), (xBlockTime))
#define xSemaphoreGive(xSemaphore)                              xQueueGenericSend((QueueHandle_t)(xSemaphore), NULL, 0, 0)
#define uxSemaphoreGetCount(xSemaphore)                         uxQueueMessagesWaiting((QueueHandle_t)(xSemaphore))
#define vSemaphoreDelete(xSemaphore)                            vQueueDelete((QueueHandle_t)(xSemaphore))

#ifdef __cplusplus
}
#endif
