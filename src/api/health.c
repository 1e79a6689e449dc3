/* GET /healthz, and how the readers are. */
#include "api/health.h"

#include <stdio.h>
#include <string.h>

#include "api/resources.h"
#include "base/list.h"

static struct reader_health *place_of(struct service *service, wb_reader reader)
{
    struct readers_health *health = &service->health;

    while (health->count <= reader.n) {
        if (!LIST_PUSH(health, (struct reader_health){0})) response_no_memory();
    }
    return &health->at[reader.n];
}

void health_heartbeat(struct service *service, wb_reader reader, int64_t time_us, int64_t now_us)
{
    struct reader_health *health = place_of(service, reader);

    health->heard_us = now_us;
    health->offset_us = time_us - now_us;
    health->has_offset = true;
}

void health_scan(struct service *service, wb_reader reader, int64_t now_us)
{
    struct reader_health *health = place_of(service, reader);
    int64_t slot = now_us / HEALTH_SLOT_US;

    /* The slots between were empty. */
    for (unsigned i = 0; health->slot < slot && i < HEALTH_SLOTS; i++)
        health->scans[(slot - i) % HEALTH_SLOTS] *= slot - i <= health->slot;
    health->slot = slot;
    health->heard_us = now_us;
    health->scans[slot % HEALTH_SLOTS]++;
}

const struct reader_health *health_of(const struct service *service, wb_reader reader)
{
    if (reader.n >= service->health.count || service->health.at[reader.n].heard_us == 0) {
        return NULL;
    }
    return &service->health.at[reader.n];
}

uint32_t health_rate(const struct reader_health *health, int64_t now_us)
{
    int64_t now_slot = now_us / HEALTH_SLOT_US;
    uint32_t sum = 0;

    for (unsigned i = 0; i < HEALTH_SLOTS; i++) {
        int64_t slot = health->slot - i;
        if (slot > now_slot - (int64_t)HEALTH_SLOTS) sum += health->scans[slot % HEALTH_SLOTS];
    }
    return sum;
}

/* That it is answered says that the loop turns; a server whose disk failed has ended. */
void health_get(struct exchange *x)
{
    char text[64] = "{\"status\":\"ok\"}";
    double done;

    if (wb_is_folding(x->wb, &done)) {
        (void)snprintf(text, sizeof text, "{\"status\":\"ok\",\"folding\":%.2f}", done);
    }
    exchange_text(x, 200, RESPONSE_JSON, text, strlen(text));
}
