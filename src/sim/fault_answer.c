#include "fault_answer.h"

#include <string.h>

#include "base/attributes.h"
#include "doc/json.h"

enum { STREAMS_LISTS = 33 }; /* from that minor version on a list that takes too long is cut off */

/* A refusal in the words of the fault. */
static void refuse(struct sim_request *request, const struct sim_fault *fault)
{
    const cJSON *causes = json_list(fault->status, "causes");
    struct sim_status status = SIM_STATUS_INIT;
    sim_status_set(&status, fault->status_code, json_string_or(fault->status, "reason", ""), "%s",
                   json_string_or(fault->status, "message", ""));
    if (causes != NULL) {
        status.details = cJSON_CreateObject();
        cJSON_AddItemToObject(status.details, "causes", cJSON_Duplicate(causes, true));
    }
    sim_answer_status(request, &status);
}

static void fail(struct sim_request *request, int code)
{
    static const struct {
        int code;
        const char *reason;
        const char *message;
    } known[] = {
        {400, "BadRequest", "the simulated cluster was asked to refuse this request"},
        {401, "Unauthorized", "Unauthorized"},
        {403, "Forbidden", "forbidden: the simulated cluster was asked to forbid this"},
        {404, "NotFound", "the server could not find the requested resource"},
        {409, "Conflict", "the simulated cluster was asked to make a conflict"},
        {410, "Expired", "The provided continue parameter is too old"},
        {503, "ServiceUnavailable", "the server is currently unable to handle the request"},
        {504, "Timeout", "Timeout: request did not complete within the allotted duration"},
    };
    struct sim_status status = SIM_STATUS_INIT;
    sim_status_set(&status, code, "InternalError",
                   "Internal error occurred: the simulated cluster was asked to fail");
    for (size_t i = 0; i < ARRAY_LENGTH(known); i++) {
        if (known[i].code == code) {
            sim_status_set(&status, code, known[i].reason, "%s", known[i].message);
        }
    }
    sim_answer_status(request, &status);
}

bool sim_fault_answer(struct sim_request *request, const struct sim_fault *fault)
{
    if (fault->html) {
        sim_answer_text(request, 502, "text/html",
                        "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 "
                        "Bad Gateway</h1></center></body></html>\n");
    } else if (fault->status != NULL) {
        refuse(request, fault);
    } else if (fault->status_code == 429) { /* the max-in-flight filter writes plain text */
        sim_answer_text(request, 429, "text/plain; charset=utf-8",
                        "Too many requests, please try again later.");
    } else if (fault->status_code != 0) {
        fail(request, fault->status_code);
    } else if (fault->times_out && request->sim->minor < STREAMS_LISTS) {
        fail(request, 504);
        request->content_type = "text/plain; charset=utf-8"; /* yet the body is a Status */
    } else {
        return false;
    }
    request->retry_after = fault->retry_after;
    return true;
}
