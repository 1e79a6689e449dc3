/* room: a folder of its own for a test's files. */
#ifndef TEST_LIB_ROOM_H
#define TEST_LIB_ROOM_H

#define ROOM_PATH_BYTES 512

/* Make a new folder under $TMPDIR (or /tmp) and write the path of a file in it that is not
 * there yet.
 *
 *   out  [ROOM_PATH_BYTES] */
void room_make(const char *file, char *out);

/* Remove a file of a room and what SQLite keeps beside it. */
void room_remove_file(const char *path);

/* Remove the file and its folder. */
void room_remove(const char *path);

#endif
