/* Planned edits as a diff, and as a patch for git. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "doc/diff.h"
#include "kubespray/fix.h"

static bool write_edit(const struct kubespray_edit *edit, bool git, struct buffer *out)
{
    struct diff diff;
    /* A file outside of the checkout goes by its whole path. */
    bool outside = edit->path[0] == '/';
    char *old_name =
        edit->created ? xstrdup("/dev/null") : xasprintf("%s%s", outside ? "" : "a/", edit->path);
    char *new_name = xasprintf("%s%s", outside ? "" : "b/", edit->path);
    bool fine = true;
    if (git) {
        fine = buffer_printf(out, "diff --git a/%s b/%s\n", edit->path, edit->path) &&
               (!edit->created || buffer_append_string(out, "new file mode 100644\n"));
    }
    diff_texts(&diff, edit->old_text, edit->new_text);
    fine = fine && diff_write_unified(out, &diff, 3, old_name, new_name);
    diff_free(&diff);
    free(old_name);
    free(new_name);
    return fine;
}

bool kubespray_edits_diff(const struct kubespray_edits *edits, struct buffer *out)
{
    for (size_t i = 0; i < edits->count; i++) {
        if (!write_edit(&edits->items[i], false, out)) {
            return false;
        }
    }
    return true;
}

static bool had_block(const struct kubespray_edits *edits)
{
    for (size_t i = 0; i < edits->count; i++) {
        if (strstr(edits->items[i].old_text, "imagePullSecrets:") != NULL) {
            return true;
        }
    }
    return false;
}

static bool any_edit(const struct kubespray_edits *edits, const char *text)
{
    for (size_t i = 0; i < edits->count; i++) {
        const struct kubespray_edit *edit = &edits->items[i];
        if (strstr(edit->new_text, text) != NULL && strstr(edit->old_text, text) == NULL) {
            return true;
        }
    }
    return false;
}

/* What else the patch does, in paragraphs of the message. */
static bool write_more(const struct kubespray_edits *edits, struct buffer *out)
{
    bool fine = true;
    if (any_edit(edits, "-registry-secret.yml.j2")) {
        fine = buffer_append_string(
            out, "\nWith the credentials of a registry given, the role makes the Secret itself\n"
                 "(type kubernetes.io/dockerconfigjson, written with mode 0600).\n");
    }
    if (fine && any_edit(edits, "image: {{ kube_image_repo }}/")) {
        fine = buffer_append_string(
            out, "\nImages use the repository variables in place of written-out hosts, so that a\n"
                 "mirror works; k8s.gcr.io, which is frozen, becomes registry.k8s.io.\n");
    }
    if (fine && any_edit(edits, "mode: \"0640\"")) {
        fine = buffer_append_string(
            out, "\nRendered credentials are no longer readable for every user of the node.\n");
    }
    return fine;
}

bool kubespray_edits_patch(const struct kubespray_edits *edits, const char *driver,
                           const char *author, long long seconds, struct buffer *out)
{
    char date[80];
    char own[512];
    struct tm fields;
    time_t when = (time_t)seconds;
    gmtime_r(&when, &fields);
    strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S +0000", &fields);
    if (author == NULL) {
        const char *name = getenv("GIT_AUTHOR_NAME");
        const char *mail = getenv("GIT_AUTHOR_EMAIL");
        snprintf(own, sizeof(own), "%s <%s>", name == NULL ? "pullmend" : name,
                 mail == NULL ? "pullmend@localhost" : mail);
        author = own;
    }
    const char *subject = driver == NULL ? "csi" : driver;
    bool fine = buffer_printf(
        out,
        "From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001\n"
        "From: %s\n"
        "Date: %s\n"
        "Subject: [PATCH] %s: let the inventory choose the pull secret\n"
        "\n"
        "%s They now get\n"
        "imagePullSecrets only when the inventory sets a Secret (one name or a list),\n"
        "so that public images are pulled without a reference that cannot be used, and\n"
        "private mirrors can be used at all. Without the variable there is no reference.\n",
        author, date, subject,
        had_block(edits) ? "The workloads named a pull secret that no variable could change."
                         : "The workloads had no way to name a pull secret.");
    fine = fine && write_more(edits, out) && buffer_append_string(out, "---\n");
    for (size_t i = 0; i < edits->count && fine; i++) {
        /* An inventory outside of the checkout is no part of a patch for it. */
        fine = edits->items[i].path[0] == '/' || write_edit(&edits->items[i], true, out);
    }
    return fine && buffer_append_string(out, "-- \npullmend\n");
}
