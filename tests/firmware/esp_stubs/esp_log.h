#include <stdio.h>
#define ESP_LOGI(tag, ...) (printf("I (1) %s: ", tag), printf(__VA_ARGS__), printf("\n"))
