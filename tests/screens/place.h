#ifndef SCREENS_PLACE_H
#define SCREENS_PLACE_H

/* A folder of its own for each program under test: home, configuration, data; nothing of the
 * person who runs the tests gets in. */
struct place {
    char *folder;
    char **environment; /* NULL-terminated */
};

void place_make(struct place *place);
/* Adds or replaces NAME=VALUE; "NAME" alone takes it out. */
void place_set(struct place *place, const char *assignment);
const char *place_get(const struct place *place, const char *name);
/* Splits words at blanks; '...' keeps them together, $NAME is from the environment.
 * NULL-terminated; free() each and the array. */
char **place_words(const struct place *place, const char *text);
/* Writes a file below the folder. */
void place_write(const struct place *place, const char *name, const char *text);
/* What a sanitizer wrote about the program, or NULL; free() it. */
char *place_complaint(const struct place *place);
void place_remove(struct place *place);

#endif
