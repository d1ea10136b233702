/* FreeRTOS's types and constants. */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include "esp_system.h"
#include "sdkconfig.h"

#define INC_FREERTOS_H

typedef int BaseType_t;
typedef unsigned int UBaseType_t;
typedef uint32_t TickType_t;
typedef uint8_t StackType_t;
typedef uint32_t configSTACK_DEPTH_TYPE;

#define pdFALSE ((BaseType_t)0)
#define pdTRUE  ((BaseType_t)1)
#define pdPASS  (pdTRUE)
#define pdFAIL  (pdFALSE)
#define errCOULD_NOT_ALLOCATE_REQUIRED_MEMORY (-1)
#define errQUEUE_FULL ((BaseType_t)0)
#define errQUEUE_EMPTY ((BaseType_t)0)

#define configTICK_RATE_HZ   CONFIG_FREERTOS_HZ
#define configMAX_PRIORITIES 25

#define portMAX_DELAY      ((TickType_t)0xffffffffUL)
#define portTICK_PERIOD_MS ((TickType_t)1000 / configTICK_RATE_HZ)

#define pdMS_TO_TICKS(xTimeInMs)    ((TickType_t)(((uint64_t)(xTimeInMs) * (uint64_t)configTICK_RATE_HZ) / (uint64_t)1000U))
#define pdTICKS_TO_MS(xTimeInTicks) ((TickType_t)((uint64_t)(xTimeInTicks) * 1000 / configTICK_RATE_HZ))

#define configASSERT(a) assert(a)
