#ifndef SIM_TABLE_H
#define SIM_TABLE_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "request.h"

/* Table answers, as kubectl get asks for them. */

/* The column definitions of a kind; the caller's. */
cJSON *sim_table_columns(const struct sim_request *request);
/* One row; body NULL: the empty row of a BOOKMARK with that metadata. */
cJSON *sim_table_row(const struct sim_request *request, const cJSON *body, const cJSON *metadata);
/* 400 if includeObject is none of the known values. */
bool sim_table_check(const struct sim_request *request, struct sim_status *status);

#endif
