#ifndef TESTS_UNIT_SIM_API_H
#define TESTS_UNIT_SIM_API_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "request.h"
#include "sim/sim.h"

/* Requests to a cluster without a wire in between. */

/* A cluster with the namespace rec, its account default and nothing that lives. */
struct sim *api_new(int minor);
void api_free(struct sim *sim);

/* One request; text is written with ' for ". */
struct answer {
    int code;
    int retry_after;
    const char *type;
    cJSON *body;       /* NULL if it is no JSON */
    struct buffer raw; /* for a watch: what was told at once */
    struct sim_request request;
};

/* type: Content-Type, NULL for JSON. As the administrator. */
void ask(struct sim *sim, struct answer *answer, const char *method, const char *url,
         const char *type, const char *text);
/* The same as the user viewer. */
void ask_as_viewer(struct sim *sim, struct answer *answer, const char *method, const char *url,
                   const char *type, const char *text);
/* A GET in another form. */
void ask_for(struct sim *sim, struct answer *answer, const char *url, const char *accept);
/* A list whose answer is still to be written; end it with sim_request_clear(). */
void open_list(struct sim *sim, struct sim_request *request, const char *path);
/* What an open watch tells now; empties raw before. False when it is over. */
bool hear(struct answer *answer);
/* Ends it; a watch ends here too. */
void forget(struct answer *answer);
/* ask() where only success counts; fails the test otherwise. */
void must(struct sim *sim, const char *method, const char *url, const char *type, const char *text);
/* A string in the answer, by member names separated by dots; "" if there is none. */
const char *said(const struct answer *answer, const char *path);

#endif
