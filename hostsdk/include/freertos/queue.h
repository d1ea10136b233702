/* Queues, of which semaphores are made. */
#pragma once

#ifndef INC_FREERTOS_H
#error "freertos/FreeRTOS.h must be included before this header"
#endif

#include "freertos/task.h"

#ifdef __cplusplus
extern "C" {
#endif

struct QueueDefinition;
typedef struct QueueDefinition *QueueHandle_t;

QueueHandle_t xQueueGenericCreate(const UBaseType_t uxQueueLength, const UBaseType_t uxItemSize, const uint8_t ucQueueType);
BaseType_t xQueueGenericSend(QueueHandle_t xQueue, const void *const pvItemToQueue, TickType_t xTicksToWait,
                             const BaseType_t xCopyPosition);
BaseType_t xQueueReceive(QueueHandle_t xQueue, void *const pvBuffer, TickType_t xTicksToWait);
UBaseType_t uxQueueMessagesWaiting(const QueueHandle_t xQueue);
void vQueueDelete(QueueHandle_t xQueue);

#define xQueueCreate(uxQueueLength, uxItemSize)             xQueueGenericCreate((uxQueueLength), (uxItemSize), 0)
#define xQueueSend(xQueue, pvItemToQueue, xTicksToWait)       xQueueGenericSend((xQueue), (pvItemToQueue), (xTicksToWait), 0)
#define xQueueSendToBack(xQueue, pvItemToQueue, xTicksToWait) xQueueGenericSend((xQueue), (pvItemToQueue), (xTicksToWait), 0)

#ifdef __cplusplus
}
#endif
