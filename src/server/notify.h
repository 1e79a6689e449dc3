/* notify: tell systemd how it goes (sd_notify(3)), without its library: a datagram. */
#ifndef SERVER_NOTIFY_H
#define SERVER_NOTIFY_H

#include <stdint.h>

/* state: "READY=1", "STOPPING=1", "WATCHDOG=1". Nothing happens where nobody listens. */
void notify_send(const char *state);

/* How often "WATCHDOG=1" has to be sent, milliseconds: twice as often as the unit asks
 * (sd_watchdog_enabled(3)). 0: nobody watches. */
uint64_t notify_watchdog_ms(void);

#endif
