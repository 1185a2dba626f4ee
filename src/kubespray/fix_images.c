/* Variables in place of the registries' hosts that templates write out. */
#include <cjson/cJSON.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "fix_text.h"
#include "fixer.h"
#include "scan.h"

enum { MAX_TEXT = 8 * 1024 * 1024 };

/* The hosts that no variable of Kubespray's stands for. */
struct own_hosts {
    char **items;
    size_t count;
};

/* Kubespray's own variables for the registries that people mirror. */
static const char *const repositories[] = {"kube_image_repo",   "gcr_image_repo",
                                           "github_image_repo", "docker_image_repo",
                                           "quay_image_repo",   NULL};

/* Whether a variable has that value as long as no inventory sets another. */
static bool is_default(struct fixer *fixer, const char *variable, const char *value)
{
    struct buffer json;
    if (fixer->defaults == NULL) {
        const struct kubespray_options options = {
            .checkout = fixer->kubespray->checkout,
            .environment = fixer->kubespray->options.environment,
            .context = fixer->kubespray->options.context,
        };
        fixer->defaults = kubespray_open(&options, NULL);
    }
    if (fixer->defaults == NULL) {
        return false;
    }
    buffer_init(&json, 1 << 16);
    bool known = kubespray_variable(fixer->defaults, fixer->folder, variable, &json, NULL);
    cJSON *found = known ? cJSON_Parse(json.data) : NULL;
    bool same = cJSON_IsString(found) && strcmp(found->valuestring, value) == 0;
    cJSON_Delete(found);
    buffer_free(&json);
    return same;
}

/* "upcloud_csi_k8s_gcr_io_image_repo". free() it. */
static char *own_variable(const struct fixer *fixer, const char *host)
{
    char *variable = xasprintf("%s_%s_image_repo", fixer->prefix, host);
    for (char *at = variable; *at != '\0'; at++) {
        *at = isalnum((unsigned char)*at) ? *at : '_';
    }
    return variable;
}

/* The variable for a host: Kubespray's if it has that host for its default, else one of the role's.
 * free() it. */
static char *variable_for(struct fixer *fixer, const char *host, struct own_hosts *own)
{
    for (size_t i = 0; repositories[i] != NULL; i++) {
        if (is_default(fixer, repositories[i], host)) {
            return xstrdup(repositories[i]);
        }
    }
    size_t known = 0;
    while (known < own->count && strcmp(own->items[known], host) != 0) {
        known++;
    }
    if (known == own->count) {
        own->items = xreallocarray(own->items, own->count + 1, sizeof(*own->items));
        own->items[own->count++] = xstrdup(host);
    }
    return own_variable(fixer, host);
}

/* context: the hosts that need a variable of the role's own. */
static char *mend_hosts(struct fixer *fixer, const char *text, void *context)
{
    struct text_lines lines;
    struct buffer out;
    lines_split(&lines, xstrdup(text), strlen(text));
    buffer_init(&out, MAX_TEXT);
    const char *copied = lines.text;
    for (size_t i = 0; i < lines.count; i++) {
        size_t column;
        size_t length;
        if (!scan_image_host(&lines, i, &column, &length)) {
            continue;
        }
        const char *at = lines.start[i] + column;
        char *host = xstrndup(at, length);
        char *variable = variable_for(fixer, host, context);
        buffer_append(&out, copied, (size_t)(at - copied));
        buffer_printf(&out, "{{ %s }}", variable);
        copied = at + length;
        free(variable);
        free(host);
    }
    buffer_append(&out, copied, (size_t)(lines.text + lines.length - copied));
    lines_free(&lines);
    return buffer_take(&out);
}

/* The role's own variables for hosts, in its defaults or in a sample. context: the hosts. */
static char *document_hosts(struct fixer *fixer, const char *text, const struct own_hosts *own,
                            bool sample)
{
    static const char *const explanation[] = {
        "Registries that no other variable (kube_image_repo, github_image_repo...) stands for; to "
        "be",
        "set where images come from a mirror.",
    };
    char *result = xstrdup(text);
    for (size_t i = 0; i < own->count; i++) {
        char *variable = own_variable(fixer, own->items[i]);
        char *assignment = xasprintf("%s: \"%s\"", variable, own->items[i]);
        const char *const assignments[] = {assignment};
        char *next =
            fix_add_lines(result, variable, sample, explanation, i == 0 ? 2 : 0, assignments, 1);
        free(result);
        free(assignment);
        free(variable);
        result = next;
    }
    return result;
}

static char *document_in_sample(struct fixer *fixer, const char *text, void *context)
{
    return document_hosts(fixer, text, context, true);
}

bool fixer_images(struct fixer *fixer)
{
    struct own_hosts own = {0};
    bool fine = fixer_each_template(fixer, mend_hosts, &own);
    if (fine && own.count > 0) {
        char *path = xasprintf("%s/defaults/main.yml", fixer->folder);
        struct kubespray_edit *edit = fixer_edit(fixer, path);
        fine = edit != NULL && fixer_each_sample(fixer, document_in_sample, &own);
        if (edit != NULL) {
            edit = fixer_edit(fixer, path); /* the list may have moved */
            fixer_set_text(edit, document_hosts(fixer, edit->new_text, &own, false));
        }
        free(path);
    }
    for (size_t i = 0; i < own.count; i++) {
        free(own.items[i]);
    }
    free(own.items);
    return fine;
}
