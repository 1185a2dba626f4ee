#include "ui/widgets.h"

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/language.h"
#include "base/text.h"

void widget_number(double value, char out[48])
{
    text_number(out, value);
}

void widget_rate(const struct ui_canvas *canvas, const struct csi_warnings *warnings, char out[48])
{
    if (!warnings->rate_known) {
        snprintf(out, 48, "%s", canvas_glyph(canvas, GLYPH_DASH));
        return;
    }
    char number[48];
    widget_number(warnings->per_day, number);
    snprintf(out, 48, "%s%.40s", warnings->lower_bound ? (canvas->ascii ? ">=" : "≥") : "", number);
}

enum ui_role widget_state_role(enum csi_secret_state state)
{
    if (csi_secret_state_is_broken(state)) {
        return UI_ROLE_BAD;
    }
    return state == CSI_SECRET_UNKNOWN ? UI_ROLE_WARNING : UI_ROLE_GOOD;
}

enum ui_role widget_state(const struct ui_canvas *canvas, const struct csi_reference *references,
                          size_t count, enum csi_secret_state state, char *out, size_t size)
{
    enum ui_glyph glyph = csi_secret_state_is_broken(state) ? GLYPH_BAD
                          : state == CSI_SECRET_UNKNOWN     ? GLYPH_UNKNOWN
                                                            : GLYPH_GOOD;
    if (state == CSI_SECRET_NONE) {
        snprintf(out, size, _("%s none needed"), canvas_glyph(canvas, glyph));
        return UI_ROLE_GOOD;
    }
    const char *name = "";
    for (size_t i = 0; i < count; i++) {
        if (references[i].state == state) {
            name = references[i].name;
            break;
        }
    }
    snprintf(out, size, "%s %s%s%s", canvas_glyph(canvas, glyph), name, name[0] != '\0' ? " " : "",
             _(csi_secret_state_name(state)));
    return widget_state_role(state);
}

void widget_bar(struct ui_canvas *canvas, int row, int column, int width, int done, int all)
{
    int filled = all <= 0 ? width : (int)((long)width * (done < all ? done : all) / all);
    struct buffer bar;
    buffer_init(&bar, 4096);
    for (int i = 0; i < width; i++) {
        buffer_append_string(&bar, canvas_glyph(canvas, i < filled ? GLYPH_BAR : GLYPH_BAR_EMPTY));
    }
    canvas_put(canvas, row, column, width, filled == width ? UI_ROLE_GOOD : UI_ROLE_INFO, bar.data);
    buffer_free(&bar);
}

bool ui_list_act(struct ui_list *list, enum ui_action action, int rows)
{
    int page = rows > 1 ? rows - 1 : 1;
    switch (action) {
    case UI_UP:
        list->selected--;
        break;
    case UI_DOWN:
        list->selected++;
        break;
    case UI_PAGE_UP:
        list->selected -= page;
        break;
    case UI_PAGE_DOWN:
        list->selected += page;
        break;
    case UI_TOP:
        list->selected = 0;
        break;
    case UI_BOTTOM:
        list->selected = list->count - 1;
        break;
    default:
        return false;
    }
    ui_list_settle(list, list->count, rows);
    return true;
}

void ui_list_settle(struct ui_list *list, int count, int rows)
{
    list->count = count;
    if (list->selected >= count) {
        list->selected = count - 1;
    }
    if (list->selected < 0) {
        list->selected = 0;
    }
    if (rows <= 0) {
        return;
    }
    if (list->selected < list->top) {
        list->top = list->selected;
    }
    if (list->selected >= list->top + rows) {
        list->top = list->selected - rows + 1;
    }
    if (list->top > count - rows) {
        list->top = count - rows;
    }
    if (list->top < 0) {
        list->top = 0;
    }
}

void ui_list_wheel(struct ui_list *list, int by, int rows)
{
    list->selected += by;
    ui_list_settle(list, list->count, rows);
}
