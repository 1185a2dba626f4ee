#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "change/clean.h"
#include "doc/json.h"
#include "session_parts.h"

/* --- Shell words -------------------------------------------------------------------------------
 */

/* In single quotes, so that the shell takes it as it is. */
static void append_quoted(struct buffer *out, const char *text)
{
    buffer_append_char(out, '\'');
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '\'') {
            buffer_append_string(out, "'\\''");
        } else {
            buffer_append_char(out, *c);
        }
    }
    buffer_append_char(out, '\'');
}

static void append_object(struct buffer *out, const struct change_object *object)
{
    const struct kube_resource *resource = object->resource;
    buffer_printf(out, "%s%s%s", resource->plural, resource->group[0] == '\0' ? "" : ".",
                  resource->group);
    if (object->ns != NULL) {
        buffer_printf(out, " -n %s", object->ns);
    }
    buffer_printf(out, " %s", object->name);
}

static bool is_secret(const struct change_object *object)
{
    return strcmp(object->resource->kind, "Secret") == 0;
}

/* A Secret's values would stand in the process list and in the shell's history. */
static void write_secret_command(struct buffer *out, const struct change_object *object)
{
    buffer_printf(out,
                  "# Secret %s/%s: its values belong into a file that only you can read, not "
                  "onto a command line\n",
                  object->ns, object->name);
    buffer_append_string(out, "kubectl apply --server-side -f secret.yaml\n");
}

static void write_patch_command(struct buffer *out, const struct change_object *object)
{
    struct buffer patch;
    buffer_init(&patch, (size_t)16 << 20);
    json_write(&patch, object->patch);
    buffer_append_string(out, "kubectl patch ");
    append_object(out, object);
    buffer_append_string(out, " --type json -p ");
    append_quoted(out, patch.data);
    buffer_append_char(out, '\n');
    buffer_free(&patch);
}

void change_session_write_commands(const struct change_session *session, struct buffer *out)
{
    for (size_t i = 0; session->steps != NULL && i < session->plan.count; i++) {
        const struct change_object *object = &session->plan.objects[i];
        if (object->action == CHANGE_NOTHING) {
            continue;
        }
        if (object->action == CHANGE_DELETE) {
            buffer_append_string(out, "kubectl delete ");
            append_object(out, object);
            buffer_append_char(out, '\n');
        } else if (is_secret(object)) {
            write_secret_command(out, object);
        } else if (object->action == CHANGE_PATCH) {
            write_patch_command(out, object);
        } else {
            char *yaml = change_clean_yaml(object->desired);
            buffer_printf(out, "kubectl apply -f - <<'END'\n%sEND\n", yaml);
            free(yaml);
        }
    }
}

void change_session_write_yaml(const struct change_session *session, struct buffer *out)
{
    for (size_t i = 0; session->steps != NULL && i < session->plan.count; i++) {
        const struct change_object *object = &session->plan.objects[i];
        if (object->action == CHANGE_DELETE || object->desired == NULL) {
            continue;
        }
        char *yaml = change_clean_yaml(object->desired);
        buffer_printf(out, "---\n%s", yaml);
        free(yaml);
    }
}

void change_session_write_patches(const struct change_session *session, struct buffer *out)
{
    for (size_t i = 0; session->steps != NULL && i < session->plan.count; i++) {
        const struct change_object *object = &session->plan.objects[i];
        if (object->action != CHANGE_PATCH || is_secret(object)) {
            continue;
        }
        char *name = session_object_name(object);
        buffer_printf(out, "# %s\n", name);
        json_write(out, object->patch);
        buffer_append_char(out, '\n');
        free(name);
    }
}
