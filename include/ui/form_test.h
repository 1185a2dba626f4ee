#ifndef UI_FORM_TEST_H
#define UI_FORM_TEST_H

#include "registry/credential.h"
#include "registry/probe.h"
#include "ui/view.h"

enum { FORM_TEST_IMAGES = 64 };

/* What a registry said of one image. */
struct form_test_answer {
    char *image;
    enum registry_probe_verdict verdict;
    char *message; /* NULL: no answer yet */
    char *realm;   /* host that the password went to besides the registry's; NULL */
    int64_t rate_remaining, rate_limit; /* -1: not told */
};

/* "Test" of a form: every image of a driver against its registry, each with the credentials that a
 * node would try for it, or with none. */
struct form_test {
    struct registry_verify *verify;
    struct ui_app *app;
    struct form_test_answer answers[FORM_TEST_IMAGES];
    size_t count;
};

/* Stops one that runs. driver NULL: the images of all. Errors: no image to ask for, ERROR_CONFIG.
 */
bool form_test_start(struct form_test *test, struct ui_view *view, const char *driver,
                     const struct registry_credential *credentials, size_t count,
                     struct error *err);
void form_test_stop(struct form_test *test);
/* The rows it wants; 0: nothing was asked. */
int form_test_rows(const struct form_test *test);
void form_test_draw(const struct form_test *test, struct ui_canvas *canvas, int row);

#endif
