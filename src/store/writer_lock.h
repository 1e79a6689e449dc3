/* writer_lock: one writer a file, told apart from readers by a lock beside it (PATH-lock). */
#ifndef STORE_WRITER_LOCK_H
#define STORE_WRITER_LOCK_H

#include "whereabouts/types.h"

/* Take the lock. errors: WB_EBUSY another program has it; WB_EIO it cannot be made. The sentence
 * goes to text. The lock goes by itself when the process ends, however it ends. */
wb_status writer_lock_take(const char *path, int *lock, char *text, size_t text_bytes);

void writer_lock_drop(int lock);

#endif
