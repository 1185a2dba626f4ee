#include "cli/table.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/language.h"
#include "base/text.h"

enum { FIRST_COLUMN_LEAST = 20 };

void cli_table_add(struct cli_table *table, const char *const *cells)
{
    size_t columns = (size_t)table->columns;
    table->cells = xgrow(table->cells, table->rows, &table->capacity, columns * sizeof(char *));
    for (size_t i = 0; i < columns; i++) {
        table->cells[table->rows * columns + i] = text_safe(cells[i]);
    }
    table->rows++;
}

void cli_table_head(struct cli_table *table, const char *const *names)
{
    const char **cells = xcalloc((size_t)table->columns, sizeof(*cells));
    for (int i = 0; i < table->columns; i++) {
        cells[i] = _(names[i]);
    }
    cli_table_add(table, cells);
    free(cells);
}

static int *find_widths(const struct cli_table *table, int limit)
{
    size_t columns = (size_t)table->columns;
    int *widths = xcalloc(columns, sizeof(int));
    for (size_t i = 0; i < table->rows * columns; i++) {
        int width = text_width(table->cells[i]);
        widths[i % columns] = width > widths[i % columns] ? width : widths[i % columns];
    }
    int total = 2 * (table->columns - 1);
    for (size_t i = 0; i < columns; i++) {
        total += widths[i];
    }
    if (limit > 0 && total > limit && widths[0] - (total - limit) >= FIRST_COLUMN_LEAST) {
        widths[0] -= total - limit;
    }
    return widths;
}

void cli_table_write(struct buffer *out, const struct cli_table *table, int limit)
{
    size_t columns = (size_t)table->columns;
    int *widths = find_widths(table, limit);
    for (size_t i = 0; i < table->rows; i++) {
        for (size_t j = 0; j < columns; j++) {
            bool last = j + 1 == columns;
            text_append_cell(out, table->cells[i * columns + j], widths[j], !last);
            if (!last) {
                buffer_append_string(out, "  ");
            }
        }
        while (out->length > 0 && out->data[out->length - 1] == ' ') {
            buffer_truncate(out, out->length - 1);
        }
        buffer_append_char(out, '\n');
    }
    free(widths);
}

void cli_table_free(struct cli_table *table)
{
    for (size_t i = 0; i < table->rows * (size_t)table->columns; i++) {
        free(table->cells[i]);
    }
    free(table->cells);
}
