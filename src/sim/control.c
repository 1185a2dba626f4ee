#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "decode.h"
#include "doc/json.h"
#include "server_inside.h"

/* /sim/: what no real cluster has. Only for those who may do everything. */

static void refuse(struct sim_request *request, int code, const char *reason, const char *message)
{
    struct sim_status status = SIM_STATUS_INIT;
    sim_status_set(&status, code, reason, "%s", message);
    sim_answer_status(request, &status);
}

static void faults(struct sim_request *request, const cJSON *body)
{
    struct sim_faults *set = request->sim->faults;
    struct error err = ERROR_INIT;
    if (strcmp(request->method, "DELETE") == 0) {
        sim_faults_clear(set);
    } else if (strcmp(request->method, "POST") == 0 && !sim_faults_add(set, body, &err)) {
        refuse(request, 400, "BadRequest", err.message);
        return;
    }
    sim_answer_json(request, 200, sim_faults_show(set));
}

/* {"token": "...", "user": "...", "groups": [...]} adds one; with DELETE it goes. */
static void tokens(struct sim_request *request, const cJSON *body)
{
    const char *token = json_string_or(body, "token", "");
    const char *groups[SIM_GROUP_LIMIT];
    size_t count = 0;
    const cJSON *group;
    if (token[0] == '\0') {
        refuse(request, 400, "BadRequest", "\"token\" is missing");
        return;
    }
    cJSON_ArrayForEach(group, json_list(body, "groups"))
    {
        if (cJSON_IsString(group) && count < SIM_GROUP_LIMIT) {
            groups[count++] = group->valuestring;
        }
    }
    if (strcmp(request->method, "DELETE") == 0) {
        sim_server_remove_token(request->sim->server, token);
    } else {
        sim_server_add_token(request->sim->server, token, json_string_or(body, "user", "nobody"),
                             groups, count);
    }
    sim_answer_json(request, 200, cJSON_CreateObject());
}

static cJSON *state(const struct sim *sim)
{
    cJSON *answer = cJSON_CreateObject();
    cJSON_AddNumberToObject(answer, "resourceVersion", (double)sim_store_version(sim->store));
    cJSON_AddNumberToObject(answer, "compacted", (double)sim->compacted);
    cJSON_AddNumberToObject(answer, "speed", sim->speed);
    cJSON_AddNumberToObject(answer, "minor", sim->minor);
    cJSON *objects = cJSON_AddObjectToObject(answer, "objects");
    for (size_t i = 0; i < sim_resource_count(); i++) {
        size_t count;
        sim_store_list(sim->store, sim_resource_at(i), NULL, &count);
        if (count > 0) {
            cJSON_AddNumberToObject(objects, sim_resource_at(i)->plural, (double)count);
        }
    }
    return answer;
}

bool sim_control(struct sim_request *request)
{
    struct sim_status status = SIM_STATUS_INIT;
    cJSON *body = NULL;
    if (!text_starts_with(request->path, "/sim/")) {
        return false;
    }
    request->format.shape = SIM_SHAPE_OBJECT;
    if (!sim_decode_plain(request, &body, &status)) {
        sim_answer_status(request, &status);
    } else if (strcmp(request->path, "/sim/faults") == 0) {
        faults(request, body);
    } else if (strcmp(request->path, "/sim/tokens") == 0 && request->sim->server != NULL) {
        tokens(request, body);
    } else if (strcmp(request->path, "/sim/state") == 0) {
        sim_answer_json(request, 200, state(request->sim));
    } else {
        refuse(request, 404, "NotFound", "known: /sim/faults, /sim/tokens, /sim/state");
    }
    cJSON_Delete(body);
    return true;
}
