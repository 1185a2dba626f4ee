/* Planned edits as a diff, and as a patch for git. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "doc/diff.h"
#include "kubespray/fix.h"

/* One file's change from one text to another. */
static bool write_change(const struct kubespray_edit *edit, const char *before, const char *after,
                         bool git, struct buffer *out)
{
    struct diff diff;
    /* A file outside of the checkout goes by its whole path. */
    bool outside = edit->path[0] == '/';
    bool created = edit->created && before[0] == '\0';
    char *old_name =
        created ? xstrdup("/dev/null") : xasprintf("%s%s", outside ? "" : "a/", edit->path);
    char *new_name = xasprintf("%s%s", outside ? "" : "b/", edit->path);
    bool fine = true;
    if (git) {
        fine = buffer_printf(out, "diff --git a/%s b/%s\n", edit->path, edit->path) &&
               (!created || buffer_append_string(out, "new file mode 100644\n"));
    }
    diff_texts(&diff, before, after);
    fine = fine && diff_write_unified(out, &diff, 3, old_name, new_name);
    diff_free(&diff);
    free(old_name);
    free(new_name);
    return fine;
}

bool kubespray_edits_diff(const struct kubespray_edits *edits, struct buffer *out)
{
    for (size_t i = 0; i < edits->count; i++) {
        const struct kubespray_edit *edit = &edits->items[i];
        if (!write_change(edit, edit->old_text, edit->new_text, false, out)) {
            return false;
        }
    }
    return true;
}

/* --- As patches ---------------------------------------------------------------------------------
 */

/* The text when a stage was done; -1: before all. */
static const char *text_after(const struct kubespray_edit *edit, int stage)
{
    for (int i = stage; i >= 0; i--) {
        if (edit->stages[i] != NULL) {
            return edit->stages[i];
        }
    }
    return edit->old_text;
}

/* Whether a stage changes a file of the checkout; an inventory outside is no part of a patch. */
static bool changes(const struct kubespray_edit *edit, int stage)
{
    return edit->path[0] != '/' &&
           strcmp(text_after(edit, stage - 1), text_after(edit, stage)) != 0;
}

static bool stage_changes(const struct kubespray_edits *edits, int stage, const char *folder)
{
    for (size_t i = 0; i < edits->count; i++) {
        if (changes(&edits->items[i], stage) &&
            (folder == NULL || strstr(edits->items[i].path, folder) != NULL)) {
            return true;
        }
    }
    return false;
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

/* Some template's text after a stage has what it did not have before. */
static bool adds(const struct kubespray_edits *edits, int stage, const char *text)
{
    for (size_t i = 0; i < edits->count; i++) {
        const struct kubespray_edit *edit = &edits->items[i];
        if (changes(edit, stage) && strstr(text_after(edit, stage), text) != NULL &&
            strstr(text_after(edit, stage - 1), text) == NULL) {
            return true;
        }
    }
    return false;
}

static const char *subject_of(const struct kubespray_edits *edits, int stage)
{
    switch (stage) {
    case KUBESPRAY_STAGE_PULL_SECRET:
        return stage_changes(edits, stage, "/templates/")
                   ? "let the inventory choose the pull secret"
                   : "drop pull-secret variables that nothing reads";
    case KUBESPRAY_STAGE_REGISTRY_SECRET:
        return "let the role make the registry Secret";
    case KUBESPRAY_STAGE_IMAGES:
        return "take the registries of images from variables";
    default:
        return "keep rendered credentials from other users";
    }
}

static bool write_pull_secret(const struct kubespray_edits *edits, struct buffer *out)
{
    int stage = KUBESPRAY_STAGE_PULL_SECRET;
    bool templates = stage_changes(edits, stage, "/templates/");
    bool fine = true;
    if (templates) {
        fine = buffer_printf(
            out,
            "%s\nThey now get imagePullSecrets only when the inventory sets a Secret (one\n"
            "name or a list), so that public images are pulled without a reference\n"
            "that cannot be used, and private mirrors can be used at all. Without the\n"
            "variable there is no reference.\n",
            had_block(edits) ? "The workloads named a pull secret that no variable could change."
                             : "The workloads had no way to name a pull secret.");
    }
    for (size_t i = 0; i < edits->count && fine; i++) {
        const struct kubespray_edit *edit = &edits->items[i];
        if (changes(edit, stage) &&
            strlen(text_after(edit, stage)) < strlen(text_after(edit, stage - 1)) &&
            strstr(edit->path, "/templates/") == NULL) {
            return buffer_printf(out,
                                 "%sThe samples no longer show variables of pull secrets that "
                                 "no role\nreads.\n",
                                 templates ? "\n" : "");
        }
    }
    return fine;
}

static bool write_message(const struct kubespray_edits *edits, int stage, struct buffer *out)
{
    switch (stage) {
    case KUBESPRAY_STAGE_PULL_SECRET:
        return write_pull_secret(edits, out);
    case KUBESPRAY_STAGE_REGISTRY_SECRET:
        return buffer_append_string(
            out, "With the credentials of a registry given, the role makes the Secret itself\n"
                 "(type kubernetes.io/dockerconfigjson, written with mode 0600).\n");
    case KUBESPRAY_STAGE_IMAGES:
        return buffer_append_string(
            out, "The templates wrote the registries out, so that the variables for mirrors\n"
                 "had no effect. A registry that none of them stands for gets a variable of\n"
                 "the role. With the defaults the same images are rendered.\n");
    default:
        return (!adds(edits, stage, "640") ||
                buffer_append_string(
                    out, "Rendered credentials lay readable for every user of the node.\n")) &&
               (!adds(edits, stage, "| b64encode") ||
                buffer_append_string(out, "stringData stays in clear in the annotation of kubectl "
                                          "apply; data does not.\n"));
    }
}

/* "Name <mail>" as a header takes it: RFC 2047 where it is not plain. */
static bool write_author(const char *author, struct buffer *out)
{
    size_t name = strcspn(author, "<");
    const char *mail = author + name;
    bool plain = true;
    while (name > 0 && author[name - 1] == ' ') {
        name--;
    }
    for (size_t i = 0; i < name; i++) {
        plain = plain && (isalnum((unsigned char)author[i]) || strchr(" -_'", author[i]) != NULL);
    }
    bool fine = buffer_append_string(out, plain ? "From: " : "From: =?UTF-8?q?");
    for (size_t i = 0; i < name && fine; i++) {
        unsigned char byte = (unsigned char)author[i];
        fine = plain || isalnum(byte) ? buffer_append_char(out, author[i])
                                      : buffer_printf(out, "=%02X", byte);
    }
    return fine && buffer_printf(out, "%s %s\n", plain ? "" : "?=", mail);
}

static bool write_patch(const struct kubespray_edits *edits, int stage, const char *title,
                        const char *author, const char *date, struct buffer *out)
{
    bool fine =
        buffer_append_string(
            out, "From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001\n") &&
        write_author(author, out) && buffer_printf(out, "Date: %s\n%s\n\n", date, title) &&
        write_message(edits, stage, out) && buffer_append_string(out, "---\n");
    for (size_t i = 0; i < edits->count && fine; i++) {
        const struct kubespray_edit *edit = &edits->items[i];
        fine = !changes(edit, stage) ||
               write_change(edit, text_after(edit, stage - 1), text_after(edit, stage), true, out);
    }
    return fine && buffer_append_string(out, "-- \npullmend\n\n");
}

bool kubespray_edits_patch(const struct kubespray_edits *edits, const char *driver,
                           const char *author, long long seconds, struct buffer *out)
{
    char date[80];
    struct tm fields;
    time_t when = (time_t)seconds;
    int all = 0;
    int number = 0;
    bool fine = true;
    gmtime_r(&when, &fields);
    strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S +0000", &fields);
    for (int stage = 0; stage < KUBESPRAY_STAGE_COUNT; stage++) {
        all += stage_changes(edits, stage, NULL) ? 1 : 0;
    }
    for (int stage = 0; stage < KUBESPRAY_STAGE_COUNT && fine; stage++) {
        if (!stage_changes(edits, stage, NULL)) {
            continue;
        }
        char *numbers = all > 1 ? xasprintf(" %d/%d", ++number, all) : xstrdup("");
        char *title = xasprintf("Subject: [PATCH%s] %s: %s", numbers,
                                driver == NULL ? "csi" : driver, subject_of(edits, stage));
        fine = write_patch(edits, stage, title, author, date, out);
        free(title);
        free(numbers);
    }
    return fine;
}
