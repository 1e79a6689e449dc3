/* GET /healthz, and the readers' own words about themselves. */
#include "api/health.h"

#include "api/resources.h"
#include "base/list.h"

void health_heard(struct service *service, wb_reader reader, int64_t time_us, int64_t now_us)
{
    struct readers_health *health = &service->health;

    while (health->count <= reader.n) {
        if (!LIST_PUSH(health, (struct reader_health){0})) response_no_memory();
    }
    health->at[reader.n] = (struct reader_health){now_us, time_us - now_us};
}

const struct reader_health *health_of(const struct service *service, wb_reader reader)
{
    if (reader.n >= service->health.count || service->health.at[reader.n].heard_us == 0) {
        return NULL;
    }
    return &service->health.at[reader.n];
}

/* That it is answered says that the loop turns; a server whose disk failed has ended. */
void health_get(struct exchange *x)
{
    static const char text[] = "{\"status\":\"ok\"}";
    exchange_text(x, 200, RESPONSE_JSON, text, sizeof text - 1);
}
