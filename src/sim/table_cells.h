#ifndef SIM_TABLE_CELLS_H
#define SIM_TABLE_CELLS_H

#include <cjson/cJSON.h>
#include <stdint.h>

#include "sim/sim.h"

/* What a row of a kind's Table is made from. */
struct sim_row {
    const struct sim *sim;
    const cJSON *body; /* never NULL; without members for the empty row of a BOOKMARK */
    int64_t now_ms;
    cJSON *cells; /* the list that gets the cells */
};

/* Cells that several kinds have. */
void sim_cell_text(struct sim_row *row, const char *text);
void sim_cell_number(struct sim_row *row, int64_t number);
void sim_cell_name(struct sim_row *row);
void sim_cell_created(struct sim_row *row);

/* table_pods.c */
void sim_cells_pod(struct sim_row *row);
/* table_cells.c: NULL if the kind has no columns of its own. */
typedef void (*sim_cells)(struct sim_row *row);
sim_cells sim_cells_of(const struct sim_resource *resource);

#endif
