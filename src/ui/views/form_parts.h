#ifndef UI_VIEWS_FORM_PARTS_H
#define UI_VIEWS_FORM_PARTS_H

#include "change/secret_users.h"
#include "ui/form_entries.h"
#include "ui/form_proposal.h"
#include "ui/form_test.h"
#include "ui/line_edit.h"
#include "ui/views.h"

/* The files of the form about a registry Secret: form.c (fields and keys), form_draw.c, form_do.c
 * (reading, testing, going on). */

enum form_field {
    FIELD_NAME,
    FIELD_NAMESPACE,
    FIELD_USE,    /* yes or no */
    FIELD_SOURCE, /* a choice */
    FIELD_FILE,
    FIELD_HELPER,
    FIELD_SECRET,
    FIELD_SERVER,
    FIELD_USER,
    FIELD_PASSWORD,
    FIELD_EMAIL,
    FIELD_IMMUTABLE, /* yes or no */
    FIELD_COUNT
};

enum form_source { FROM_TYPED, FROM_FILE, FROM_HELPER, FROM_SECRET, FROM_NOTHING, FROM_COUNT };

enum form_wish { WISH_NOTHING, WISH_TEST, WISH_SUBMIT };

struct form {
    enum view_form_mode mode;
    struct line_edit fields[FIELD_COUNT]; /* those of choices stay empty */
    int focus;                            /* a field, or FIELD_COUNT + an entry */
    enum form_source source;
    bool use;
    bool immutable;
    char *driver;
    char *reference; /* the broken one; NULL */
    char *from_ns, *from_name;
    char **servers; /* proposals */
    struct form_entries entries;
    bool was_read;       /* the source's fields are as they were read last */
    enum form_wish wish; /* once the reading is over */
    struct form_test test;
    struct kube_call *call;            /* the Secret that is there, before going on */
    struct kube_call *test_call;       /* the same, before a test */
    struct change_secret_users *users; /* of Secrets in users_ns */
    char *users_ns;
};

/* --- form.c --- */
bool form_shows(const struct form *state, int field);
/* True of a choice, which takes no text. */
bool form_is_choice(int field);
/* What is wrong with a field now, or a note; "" if nothing. True if it can be gone on with. */
bool form_check(const struct ui_view *view, int field, char out[512]);
/* True if something was typed into the fields of one credential. */
bool form_has_typed(const struct form *state);
/* The Secret that is there already under that name; NULL if none is known. */
const struct csi_secret *form_existing(const struct ui_view *view);
/* The typed fields, as a credential of the caller's. */
void form_take_typed(const struct form *state, struct registry_credential *credential);

/* --- form_draw.c --- */
void form_draw(struct ui_view *view, struct ui_canvas *canvas);

/* --- form_do.c --- */
/* A reading has ended. */
void form_on_read(void *view);
/* Reads what the source's fields name; wish is done afterwards. */
void form_read(struct ui_view *view, enum form_wish wish);
/* Puts the typed credential into the list and clears its fields. */
void form_add(struct ui_view *view);
void form_try(struct ui_view *view);
void form_submit(struct ui_view *view);
/* Starts to ask who uses the Secret that is there, if it was not asked yet. */
void form_ask_users(struct ui_view *view);

#endif
