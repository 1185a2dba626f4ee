#ifndef CHANGE_JOURNAL_LIFE_H
#define CHANGE_JOURNAL_LIFE_H

#include "change/journal.h"

/* Which program writes an entry, and whether it still runs; not for other rooms. */

/* Makes the entry this program's own: host, pid, and when the process began. */
void journal_life_claim(struct change_journal_entry *entry);
/* Sets entry->interrupted and entry->held; path: its file. */
void journal_life_judge(struct change_journal_entry *entry, const char *path);

#endif
