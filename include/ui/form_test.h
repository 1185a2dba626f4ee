#ifndef UI_FORM_TEST_H
#define UI_FORM_TEST_H

#include "registry/credential.h"
#include "registry/probe.h"
#include "ui/view.h"

enum { FORM_TEST_IMAGES = 64 };

/* "Test" of a form: every image of a driver against its registry with one credential. */
struct form_test {
    struct registry_verify *verify;
    struct ui_app *app;
    char *images[FORM_TEST_IMAGES];
    char *messages[FORM_TEST_IMAGES]; /* NULL: no answer yet */
    bool good[FORM_TEST_IMAGES];
    size_t count;
};

/* credential: empty to ask anonymously. Stops one that runs. */
bool form_test_start(struct form_test *test, struct ui_view *view, const char *driver,
                     const struct registry_credential *credential, struct error *err);
void form_test_stop(struct form_test *test);
void form_test_draw(const struct form_test *test, struct ui_canvas *canvas, int row);

#endif
