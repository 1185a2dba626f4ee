#ifndef CHANGE_JOURNAL_JSON_H
#define CHANGE_JOURNAL_JSON_H

#include "change/journal.h"

/* The form of an entry on disk; not for other rooms. */
cJSON *journal_entry_to_json(const struct change_journal_entry *entry);
/* Errors: ERROR_CONFIG with source. */
struct change_journal_entry *journal_entry_from_json(const cJSON *tree, const char *source,
                                                     struct error *err);

#endif
