#include "ui/form_test.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/language.h"
#include "registry/keyring.h"
#include "registry/reference.h"

void form_test_stop(struct form_test *test)
{
    registry_verify_cancel(test->verify);
    for (size_t i = 0; i < test->count; i++) {
        free(test->images[i]);
        free(test->messages[i]);
    }
    *test = (struct form_test){0};
}

static void add_image(struct form_test *test, const char *image)
{
    for (size_t i = 0; i < test->count; i++) {
        if (strcmp(test->images[i], image) == 0) {
            return;
        }
    }
    if (test->count < FORM_TEST_IMAGES) {
        test->images[test->count++] = xstrdup(image);
    }
}

static void collect(struct form_test *test, const struct csi_census *census, const char *name)
{
    const struct csi_driver *driver = name == NULL ? NULL : csi_census_driver(census, name);
    for (size_t i = 0; driver != NULL && i < driver->workload_count; i++) {
        for (size_t j = 0; j < driver->workloads[i]->image_count; j++) {
            add_image(test, driver->workloads[i]->images[j]);
        }
    }
}

static void on_result(void *context, size_t image, size_t credential,
                      const struct registry_probe_result *result)
{
    struct form_test *test = context;
    (void)credential;
    free(test->messages[image]);
    test->messages[image] = xstrdup(result->message);
    test->good[image] = registry_probe_verdict_is_good(result->verdict);
    ui_invalidate(test->app);
}

static void on_done(void *context)
{
    struct form_test *test = context;
    test->verify = NULL;
    ui_invalidate(test->app);
}

/* True if the kubelet would try the credential for the image at all. */
static bool serves(const struct registry_credential *credential, const char *image)
{
    struct image_reference reference = {0};
    bool match = credential->server != NULL && image_reference_parse(&reference, image, NULL) &&
                 keyring_key_matches(credential->server, reference.name);
    image_reference_free(&reference);
    return match;
}

bool form_test_start(struct form_test *test, struct ui_view *view, const char *driver,
                     const struct registry_credential *credential, struct error *err)
{
    static const struct registry_verify_callbacks callbacks = {on_result, on_done};
    form_test_stop(test);
    test->app = view->app;
    collect(test, ui_model(view)->census, driver);
    if (test->count == 0) {
        return error_set(err, ERROR_USAGE, "no driver was chosen, so there is no image to ask for");
    }
    struct registry_probe_credential tried[2] = {
        {credential->username, credential->password, credential->password_length}, {NULL, NULL, 0}};
    bool wanted[FORM_TEST_IMAGES * 2] = {false};
    for (size_t i = 0; i < test->count; i++) {
        wanted[i * 2 + (serves(credential, test->images[i]) ? 0 : 1)] = true;
    }
    struct registry_probe_options options = {0};
    test->verify =
        registry_verify_start(ui_model(view)->loop, &options, (const char *const *)test->images,
                              test->count, tried, 2, wanted, &callbacks, test, err);
    return test->verify != NULL;
}

void form_test_draw(const struct form_test *test, struct ui_canvas *canvas, int row)
{
    for (size_t i = 0; i < test->count && row < canvas->rows; i++, row++) {
        enum ui_glyph glyph = test->messages[i] == NULL ? GLYPH_BULLET
                              : test->good[i]           ? GLYPH_GOOD
                                                        : GLYPH_BAD;
        enum ui_role role = test->messages[i] == NULL ? UI_ROLE_DIM
                            : test->good[i]           ? UI_ROLE_GOOD
                                                      : UI_ROLE_BAD;
        int width = canvas->columns / 2;
        canvas_printf(canvas, row, 2, width - 3, role, "%s %s", canvas_glyph(canvas, glyph),
                      test->images[i]);
        canvas_put(canvas, row, width, -1, role,
                   test->messages[i] == NULL ? _("asking...") : test->messages[i]);
    }
}
