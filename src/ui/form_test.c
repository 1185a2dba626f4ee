#include "ui/form_test.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/language.h"
#include "registry/keyring.h"
#include "registry/reference.h"

enum { VERDICT_WIDTH = 20, MESSAGE_ROWS = 3 };

void form_test_stop(struct form_test *test)
{
    registry_verify_cancel(test->verify);
    for (size_t i = 0; i < test->count; i++) {
        free(test->answers[i].image);
        free(test->answers[i].message);
        free(test->answers[i].realm);
    }
    *test = (struct form_test){0};
}

static void add_image(struct form_test *test, const char *image)
{
    for (size_t i = 0; i < test->count; i++) {
        if (strcmp(test->answers[i].image, image) == 0) {
            return;
        }
    }
    if (test->count < FORM_TEST_IMAGES) {
        test->answers[test->count++] =
            (struct form_test_answer){.image = xstrdup(image), .rate_remaining = -1};
    }
}

static void collect(struct form_test *test, const struct csi_census *census, const char *name)
{
    size_t count;
    struct csi_driver *const *drivers = csi_census_drivers(census, &count);
    for (size_t i = 0; i < count; i++) {
        if (name != NULL && strcmp(drivers[i]->name, name) != 0) {
            continue;
        }
        for (size_t j = 0; j < drivers[i]->workload_count; j++) {
            const struct csi_workload *workload = drivers[i]->workloads[j];
            for (size_t k = 0; k < workload->image_count; k++) {
                add_image(test, workload->images[k]);
            }
        }
    }
}

static bool is_good(const struct form_test_answer *answer)
{
    return answer->message != NULL && registry_probe_verdict_is_good(answer->verdict);
}

/* Of several credentials for one image the best counts, as the node tries them all. */
static void on_result(void *context, size_t image, size_t credential,
                      const struct registry_probe_result *result)
{
    struct form_test *test = context;
    struct form_test_answer *answer = &test->answers[image];
    (void)credential;
    if (result->realm != NULL && answer->realm == NULL) {
        answer->realm = xstrdup(result->realm);
    }
    if (!is_good(answer)) {
        free(answer->message);
        answer->message = xstrdup(result->message);
        answer->verdict = result->verdict;
        answer->rate_remaining = result->rate_remaining;
        answer->rate_limit = result->rate_limit;
    }
    ui_invalidate(test->app);
}

static void on_done(void *context)
{
    struct form_test *test = context;
    test->verify = NULL;
    ui_invalidate(test->app);
}

/* Marks what is asked for an image: the credentials that match it, else none (the last column). */
static void want(const char *image, const struct registry_credential *credentials, size_t count,
                 bool *row)
{
    struct image_reference reference = {0};
    bool any = false;
    if (image_reference_parse(&reference, image, NULL)) {
        for (size_t i = 0; i < count; i++) {
            row[i] = keyring_key_matches(credentials[i].server, reference.name);
            any = any || row[i];
        }
    }
    row[count] = !any;
    image_reference_free(&reference);
}

bool form_test_start(struct form_test *test, struct ui_view *view, const char *driver,
                     const struct registry_credential *credentials, size_t count, struct error *err)
{
    static const struct registry_verify_callbacks callbacks = {on_result, on_done};
    form_test_stop(test);
    test->app = view->app;
    collect(test, ui_model(view)->census, driver);
    if (test->count == 0) {
        return error_set(err, ERROR_USAGE, "there is no image of a CSI driver to ask for");
    }
    const char *images[FORM_TEST_IMAGES];
    struct registry_probe_credential *tried = xcalloc(count + 1, sizeof(*tried));
    bool *wanted = xcalloc(test->count * (count + 1), sizeof(*wanted));
    for (size_t i = 0; i < count; i++) {
        tried[i] = (struct registry_probe_credential){
            credentials[i].username, credentials[i].password, credentials[i].password_length};
    }
    for (size_t i = 0; i < test->count; i++) {
        images[i] = test->answers[i].image;
        want(images[i], credentials, count, wanted + i * (count + 1));
    }
    struct registry_probe_options options = ui_probe_options(view);
    test->verify = registry_verify_start(ui_model(view)->loop, &options, images, test->count, tried,
                                         count + 1, wanted, &callbacks, test, err);
    free(tried);
    free(wanted);
    if (test->verify == NULL) {
        form_test_stop(test);
        return false;
    }
    return true;
}

/* --- Drawing ------------------------------------------------------------------------------------
 */

int form_test_rows(const struct form_test *test)
{
    return test->count == 0 ? 0 : (int)test->count + MESSAGE_ROWS + 2;
}

static void draw_answer(struct ui_canvas *canvas, int row, const struct form_test_answer *answer)
{
    bool told = answer->message != NULL;
    bool good = is_good(answer);
    enum ui_role role = !told ? UI_ROLE_DIM : good ? UI_ROLE_GOOD : UI_ROLE_BAD;
    canvas_printf(canvas, row, 2, VERDICT_WIDTH, role, "%s %s",
                  canvas_glyph(canvas, !told  ? GLYPH_BULLET
                                       : good ? GLYPH_GOOD
                                              : GLYPH_BAD),
                  told ? _(registry_probe_verdict_name(answer->verdict)) : _("asking..."));
    canvas_put(canvas, row, 2 + VERDICT_WIDTH, -1, UI_ROLE_TEXT, answer->image);
}

/* The first failure in the registry's words; where the password went; what is left of a limit. */
static void draw_notes(const struct form_test *test, struct ui_canvas *canvas, int row)
{
    const struct form_test_answer *bad = NULL;
    const struct form_test_answer *sent = NULL;
    const struct form_test_answer *limited = NULL;
    bool all = test->count > 0;
    for (size_t i = test->count; i-- > 0;) {
        const struct form_test_answer *answer = &test->answers[i];
        bad = answer->message != NULL && !is_good(answer) ? answer : bad;
        sent = answer->realm != NULL ? answer : sent;
        all = all && answer->message != NULL;
        limited = answer->message != NULL && answer->rate_remaining >= 0 ? answer : limited;
    }
    if (bad != NULL) {
        row += canvas_wrap(canvas, row, 2, canvas->columns - 4, MESSAGE_ROWS, UI_ROLE_BAD,
                           bad->message);
    }
    if (bad == NULL && all && row < canvas->rows) {
        canvas_put(canvas, row++, 2, canvas->columns - 4, UI_ROLE_GOOD,
                   _("All of them may be pulled so. ^S goes on."));
    }
    if (sent != NULL && row < canvas->rows) {
        canvas_printf(canvas, row++, 2, canvas->columns - 4, UI_ROLE_INFO,
                      "The password also went to the token server %s, which the registry named.",
                      sent->realm);
    }
    if (limited != NULL && row < canvas->rows) {
        canvas_printf(canvas, row, 2, canvas->columns - 4, UI_ROLE_INFO,
                      "%lld of %lld pulls are left in the registry's rate limit.",
                      (long long)limited->rate_remaining, (long long)limited->rate_limit);
    }
}

void form_test_draw(const struct form_test *test, struct ui_canvas *canvas, int row)
{
    size_t bad = 0;
    for (size_t i = 0; i < test->count; i++) {
        bad += test->answers[i].message != NULL && !is_good(&test->answers[i]) ? 1 : 0;
    }
    int room = canvas->rows - row - (bad > 0 ? MESSAGE_ROWS : 1);
    int shown = 0;
    /* What is refused comes first where there is no room for all. */
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < test->count && shown < room; i++) {
            const struct form_test_answer *answer = &test->answers[i];
            if ((answer->message != NULL && !is_good(answer)) == (pass == 0)) {
                draw_answer(canvas, row++, answer);
                shown++;
            }
        }
    }
    draw_notes(test, canvas, row);
}
