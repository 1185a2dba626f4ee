#include "fix_registry.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "fix_text.h"
#include "scan.h"

enum { MAX_TEXT = 8 * 1024 * 1024 };

char *fix_registry_template(const struct registry_names *names)
{
    struct buffer out;
    const char *v = names->prefix;
    const char *secret = names->pull_secret;
    buffer_init(&out, MAX_TEXT);
    buffer_printf(&out,
                  "{%% if %s | default('') and %s_registry_username | default('') and "
                  "%s_registry_password | default('') %%}\n",
                  secret, v, v);
    buffer_printf(&out,
                  "---\n"
                  "apiVersion: v1\n"
                  "kind: Secret\n"
                  "metadata:\n"
                  "  name: {{ %s if %s is string else %s | first }}\n"
                  "  namespace: %s\n"
                  "type: kubernetes.io/dockerconfigjson\n"
                  "data:\n",
                  secret, secret, secret, names->ns);
    buffer_printf(&out,
                  "  .dockerconfigjson: {{ {'auths': {%s_registry_host: {'username': "
                  "%s_registry_username, 'password': %s_registry_password, 'auth': "
                  "(%s_registry_username ~ ':' ~ %s_registry_password) | b64encode}}} | to_json | "
                  "b64encode }}\n"
                  "{%% endif %%}\n",
                  v, v, v, v, v);
    return buffer_take(&out);
}

static bool is_task(const struct text_lines *lines, size_t line)
{
    return lines_length(lines, line) > 2 && strncmp(lines->start[line], "- ", 2) == 0;
}

/* The task that renders the manifests: the first one whose template has a loop's item, else the
 * first that runs kubectl. lines->count if there is none. */
static size_t find_place(const struct text_lines *lines)
{
    size_t task = lines->count;
    size_t kube = lines->count;
    for (size_t i = 0; i < lines->count; i++) {
        if (is_task(lines, i)) {
            task = i;
        }
        if (task < lines->count && lines_begins(lines, i, "src:") &&
            strstr(lines->start[i], "item") != NULL &&
            strstr(lines->start[i], "item") < lines->start[i + 1]) {
            return task;
        }
        if (kube == lines->count && task < lines->count && lines_begins(lines, i, "kube:")) {
            kube = task;
        }
    }
    return kube;
}

/* "UpCloud CSI Driver", as the role's other tasks are named. free() it. */
static char *title_of(const struct text_lines *lines, const char *fallback)
{
    for (size_t i = 0; i < lines->count; i++) {
        char *name = is_task(lines, i) ? lines_value(lines, i, "name") : NULL;
        char *bar = name == NULL ? NULL : strstr(name, " | ");
        if (bar != NULL) {
            *bar = '\0';
            return name;
        }
        free(name);
    }
    return xstrdup(fallback);
}

static void add_task_end(struct buffer *out, const struct registry_names *names)
{
    buffer_printf(out,
                  "  no_log: \"{{ not (unsafe_show_logs | bool) }}\"\n"
                  "  when:\n"
                  "    - inventory_hostname == groups['kube_control_plane'][0]\n"
                  "    - %s | default('', true) | length > 0\n"
                  "    - %s_registry_username | default('', true) | length > 0\n"
                  "    - %s_registry_password | default('', true) | length > 0\n"
                  "\n",
                  names->pull_secret, names->prefix, names->prefix);
}

char *fix_registry_tasks(const char *text, const struct registry_names *names)
{
    struct text_lines lines;
    struct buffer out;
    char *file = xasprintf("%s-registry-secret.yml", names->stem);
    lines_split(&lines, xstrdup(text), strlen(text));
    size_t place = find_place(&lines);
    if (strstr(text, file) != NULL || place == lines.count) {
        char *same = strstr(text, file) != NULL ? xstrdup(text) : NULL;
        lines_free(&lines);
        free(file);
        return same;
    }
    char *title = title_of(&lines, names->stem);
    buffer_init(&out, MAX_TEXT);
    buffer_append(&out, text, (size_t)(lines.start[place] - lines.text));
    buffer_printf(&out,
                  "- name: %s | Generate registry Secret\n"
                  "  template:\n"
                  "    src: \"%s.j2\"\n"
                  "    dest: \"{{ kube_config_dir }}/%s\"\n"
                  "    mode: \"0600\"\n",
                  title, file, file);
    add_task_end(&out, names);
    buffer_printf(&out,
                  "- name: %s | Apply registry Secret\n"
                  "  kube:\n"
                  "    kubectl: \"{{ bin_dir }}/kubectl\"\n"
                  "    filename: \"{{ kube_config_dir }}/%s\"\n"
                  "    state: \"latest\"\n",
                  title, file);
    add_task_end(&out, names);
    buffer_append_string(&out, text + (lines.start[place] - lines.text));
    free(title);
    free(file);
    lines_free(&lines);
    return buffer_take(&out);
}

char *fix_registry_variables(const char *text, const struct registry_names *names, bool sample)
{
    static const char *const suffixes[] = {"registry_host", "registry_username",
                                           "registry_password"};
    static const char *const shown[] = {"registry.example.org", "pull", "secret"};
    const char *const explanation[] = {
        "A private registry: with a user name and a password the role makes the registry Secret",
        "itself, under the (first) name above.",
    };
    char *assignments[3];
    for (int i = 0; i < 3; i++) {
        assignments[i] = xasprintf("%s_%s: %s%s%s", names->prefix, suffixes[i], sample ? "" : "\"",
                                   sample ? shown[i] : "", sample ? "" : "\"");
    }
    char *first = xasprintf("%s_%s", names->prefix, suffixes[0]);
    char *result =
        fix_add_lines(text, first, sample, explanation, 2, (const char *const *)assignments, 3);
    for (int i = 0; i < 3; i++) {
        free(assignments[i]);
    }
    free(first);
    return result;
}
