#include "ui/rights.h"

#include "base/buffer.h"
#include "base/language.h"

static void draw_right(const struct change_rights *rights, struct ui_canvas *canvas, int row,
                       size_t number)
{
    enum { ANSWER = 12, PURPOSE = 34 };
    bool known = change_right_is_known(rights, number);
    enum kube_answer answer = change_right_answer(rights, number);
    bool allowed = answer == KUBE_ALLOWED;
    bool denied = answer == KUBE_DENIED;
    enum ui_glyph glyph = allowed  ? GLYPH_GOOD
                          : denied ? GLYPH_BAD
                          : known  ? GLYPH_UNKNOWN
                                   : GLYPH_BULLET;
    enum ui_role role = allowed ? UI_ROLE_GOOD : denied ? UI_ROLE_BAD : UI_ROLE_DIM;
    const char *word = allowed ? _("yes") : denied ? _("no") : known ? _("not known") : _("asking");
    struct buffer what;
    buffer_init(&what, 1024);
    change_right_append(number, &what);
    canvas_printf(canvas, row, 3, ANSWER, role, "%s %s", canvas_glyph(canvas, glyph), word);
    canvas_put(canvas, row, 3 + ANSWER, PURPOSE - 2, UI_ROLE_TEXT, change_right_purpose(number));
    canvas_put(canvas, row, 3 + ANSWER + PURPOSE, -1, UI_ROLE_DIM, what.data);
    buffer_free(&what);
}

int rights_draw(const struct change_rights *rights, struct ui_canvas *canvas, int row, int rows)
{
    bool all = rows >= CHANGE_RIGHTS_COUNT;
    int used = 0;
    for (int pass = all ? 1 : 0; pass < 2; pass++) {
        for (size_t i = 0; i < CHANGE_RIGHTS_COUNT && used < rows; i++) {
            bool denied = change_right_answer(rights, i) == KUBE_DENIED;
            if (all || denied == (pass == 0)) {
                draw_right(rights, canvas, row + used++, i);
            }
        }
    }
    return used;
}
