#ifndef BASE_LANGUAGE_H
#define BASE_LANGUAGE_H

#include <stdbool.h>

/*
 * The person's language, by gettext. English stands in the sources and is what remains where there
 * is no translation.
 *
 * Functions that take a format for people (error_set(), canvas_printf(), ...) translate the format
 * themselves, so their callers write plain strings; the list of these functions stands in
 * po/keywords for the extraction. Other text of the program is wrapped: _("...") where it is used,
 * N_("...") in a table whose reader translates. Never wrap what comes from outside, and never glue
 * a sentence from parts: give the whole sentence with its %s. Names of a machine format (JSON
 * members, metrics, `-o name`) are no language and stay as they are.
 */
#define _(text)  language_text(text)
#define N_(text) text

/* Reads the person's locale (LC_ALL, LC_MESSAGES, LANG, LANGUAGE) and opens the translations:
 * $PULLMEND_LOCALEDIR, else where they were installed. Once, at the start of a program. Numbers
 * keep their decimal point in every locale, and letters their case: printf(), strtod() and
 * toupper() are used for machines' text. */
void language_init(void);

/* True: from now on all text is English, for output that a program reads. Returns how it was. */
bool language_set_machine(bool machine);

/* The translation of message, or message itself; "" stays "". Never freed. */
const char *language_text(const char *message) __attribute__((format_arg(1)));

/* The form for count: `language_plural("%zu pod", "%zu pods", count)`. */
const char *language_plural(const char *one, const char *many, unsigned long count)
    __attribute__((format_arg(1), format_arg(2)));

#endif
