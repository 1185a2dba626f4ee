#ifndef SIM_LIST_OPTIONS_H
#define SIM_LIST_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "request.h"
#include "selectors.h"

/* The query of a list, watch or deletecollection, checked as the API server checks it. */
struct sim_list_options {
    struct sim_selector *selector;
    int64_t limit;
    int64_t timeout_seconds; /* 0: not given */
    int64_t version;         /* 0: "0", -1: not given */
    bool exact;              /* resourceVersionMatch=Exact, or limit with a version */
    bool watch;
    bool bookmarks;
    bool send_initial;
    bool has_initial; /* sendInitialEvents was given at all */
    /* from the continue token */
    bool continues;
    int64_t continue_version; /* -1: the newest */
    char start[1024];         /* the key of the first object to give */
};

bool sim_list_options_read(const struct sim_request *request, bool watch,
                           struct sim_list_options *options, struct sim_status *status);
void sim_list_options_clear(struct sim_list_options *options);
/* A token that goes on after the key; to free. version -1: at the newest. */
char *sim_continue_token(const struct sim_request *request, int64_t version, const char *ns,
                         const char *name);
/* 504: that version is not there yet. Held back for 3 s where a cache would wait. */
bool sim_version_too_large(struct sim_request *request, int64_t version, struct sim_status *status);

#endif
