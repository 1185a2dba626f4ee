#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stddef.h>

#include "base/buffer.h"

/* A table of cells; widths are found when it is written. All zero but columns is an empty one. */
struct cli_table {
    int columns;
    char **cells; /* rows * columns, safe texts */
    size_t rows, capacity;
};

/* Copies `columns` cells, made safe for a terminal. */
void cli_table_add(struct cli_table *table, const char *const *cells);
/* The row of the columns' names: translates them. */
void cli_table_head(struct cli_table *table, const char *const *names);
/* Appends it, two blanks between columns. limit: columns of the terminal, 0: none; the first
 * column, the longest names, gives way. */
void cli_table_write(struct buffer *out, const struct cli_table *table, int limit);
void cli_table_free(struct cli_table *table);

#endif
