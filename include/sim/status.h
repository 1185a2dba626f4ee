#ifndef SIM_STATUS_H
#define SIM_STATUS_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "base/attributes.h"
#include "sim/api.h"

/*
 * What a request was refused with; becomes a Status object of the API. Start with SIM_STATUS_INIT,
 * end with sim_status_clear(). Each sim_status_...() below replaces what was there and returns
 * false, so that `return sim_status_...(...)` reads well.
 */
struct sim_status {
    int code;           /* HTTP; 0: no error */
    const char *reason; /* "NotFound"...; "" where real servers leave it out; a literal */
    char *message;      /* owned */
    cJSON *details;     /* owned; NULL: left out */
    char *next;         /* owned; metadata.continue of an expired list; NULL: none */
    int retry_after;    /* seconds for the header Retry-After; 0: none */
    bool plain;         /* message goes out as text/plain, not as a Status */
};

#define SIM_STATUS_INIT                                                                            \
    {                                                                                              \
        0, "", NULL, NULL, NULL, 0, false                                                          \
    }

void sim_status_clear(struct sim_status *status);

/* Any code; details are left out. */
bool sim_status_set(struct sim_status *status, int code, const char *reason, const char *format,
                    ...) ATTR_FORMAT(4, 5);
/* 400 BadRequest. */
bool sim_status_bad_request(struct sim_status *status, const char *format, ...) ATTR_FORMAT(2, 3);
/* 500 without a reason, as failures inside a real server come out. */
bool sim_status_internal(struct sim_status *status, const char *format, ...) ATTR_FORMAT(2, 3);
/* 404: pods "x" not found. */
bool sim_status_not_found(struct sim_status *status, const struct sim_resource *resource,
                          const char *name);
/* 403 as admission gives it: pods "x" is forbidden: WHY. body has the name. */
bool sim_status_forbidden(struct sim_status *status, const struct sim_resource *resource,
                          const cJSON *body, const char *format, ...) ATTR_FORMAT(4, 5);
/* 409 AlreadyExists. */
bool sim_status_exists(struct sim_status *status, const struct sim_resource *resource,
                       const char *name);
/* 409 Conflict: Operation cannot be fulfilled on pods "x": WHY. */
bool sim_status_conflict(struct sim_status *status, const struct sim_resource *resource,
                         const char *name, const char *format, ...) ATTR_FORMAT(4, 5);
/* 409 Conflict with the optimistic lock's own words. */
bool sim_status_stale(struct sim_status *status, const struct sim_resource *resource,
                      const char *name);
/* 422 as failed JSON patches get it: "the server rejected our request due to an error in our
 * request", details {}. */
bool sim_status_unprocessable(struct sim_status *status);

/* The field errors of a 422 as they are found. */
struct sim_causes {
    cJSON *list; /* owned; NULL while there are none */
};

/* reason: "FieldValueInvalid", "FieldValueRequired"...; message as a real server words it, without
 * the field. */
void sim_causes_add(struct sim_causes *causes, const char *reason, const char *field,
                    const char *format, ...) ATTR_FORMAT(4, 5);
void sim_causes_clear(struct sim_causes *causes);
/* 422 Invalid with these causes (taken over): KIND "NAME" is invalid: FIELD: MESSAGE. True and
 * nothing set if there are none. */
bool sim_causes_finish(struct sim_causes *causes, const struct sim_resource *resource,
                       const char *name, struct sim_status *status);

/* The Status object of a failure; the caller's to delete. */
cJSON *sim_status_object(const struct sim_status *status);

#endif
