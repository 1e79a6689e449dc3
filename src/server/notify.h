/* notify: tell systemd how it goes (sd_notify(3)), without its library: a datagram. */
#ifndef SERVER_NOTIFY_H
#define SERVER_NOTIFY_H

/* state: "READY=1", "STOPPING=1". Nothing happens where nobody listens. */
void notify_send(const char *state);

#endif
