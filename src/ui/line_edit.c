#include "ui/line_edit.h"

#include <curses.h>
#include <string.h>

#include "base/alloc.h"
#include "base/language.h"
#include "base/secret.h"
#include "base/text.h"
#include "ui/terminal.h"

void line_edit_set(struct line_edit *edit, const char *text)
{
    size_t length = strlen(text);
    length = length < sizeof(edit->text) ? length : sizeof(edit->text) - 1;
    memmove(edit->text, text, length);
    edit->text[length] = '\0';
    edit->length = edit->cursor = length;
    edit->full = edit->broken = false;
}

void line_edit_wipe(struct line_edit *edit)
{
    secret_wipe(edit->text, sizeof(edit->text));
    edit->length = edit->cursor = 0;
    edit->full = edit->broken = false;
}

static size_t character_before(const struct line_edit *edit)
{
    size_t at = edit->cursor;
    while (at > 0 && ((unsigned char)edit->text[--at] & 0xC0) == 0x80) {
    }
    return at;
}

static size_t character_after(const struct line_edit *edit)
{
    size_t at = edit->cursor;
    if (at < edit->length) {
        at++;
        while (at < edit->length && ((unsigned char)edit->text[at] & 0xC0) == 0x80) {
            at++;
        }
    }
    return at;
}

static void cut(struct line_edit *edit, size_t from, size_t to)
{
    memmove(edit->text + from, edit->text + to, edit->length - to + 1);
    edit->length -= to - from;
    edit->full = edit->full && from == to;
    edit->broken = edit->broken && edit->length > 0;
    secret_wipe(edit->text + edit->length, sizeof(edit->text) - edit->length);
    edit->cursor = from;
}

static void insert(struct line_edit *edit, unsigned character)
{
    char bytes[4];
    size_t size = text_encode_utf8(character, bytes);
    if (edit->length + size >= sizeof(edit->text)) {
        edit->full = true;
        return;
    }
    memmove(edit->text + edit->cursor + size, edit->text + edit->cursor,
            edit->length - edit->cursor + 1);
    memcpy(edit->text + edit->cursor, bytes, size);
    edit->length += size;
    edit->cursor += size;
}

static enum line_edit_result take_code(struct line_edit *edit, int key)
{
    switch (key) {
    case TERMINAL_KEY_PASTE_BEGIN:
        edit->pasting = true;
        edit->pasted = edit->gap = false;
        break;
    case TERMINAL_KEY_PASTE_END:
        edit->pasting = false;
        break;
    case KEY_LEFT:
        edit->cursor = character_before(edit);
        break;
    case KEY_RIGHT:
        edit->cursor = character_after(edit);
        break;
    case KEY_HOME:
        edit->cursor = 0;
        break;
    case KEY_END:
        edit->cursor = edit->length;
        break;
    case KEY_BACKSPACE:
        cut(edit, character_before(edit), edit->cursor);
        break;
    case KEY_DC:
        cut(edit, edit->cursor, character_after(edit));
        break;
    case KEY_ENTER:
        return LINE_EDIT_DONE;
    default:
        return LINE_EDIT_OTHER;
    }
    return LINE_EDIT_TAKEN;
}

enum line_edit_result line_edit_key(struct line_edit *edit, int key, bool is_code)
{
    enum { CTRL_A = 1, CTRL_C = 3, CTRL_E = 5, CTRL_H = 8, CTRL_K = 11, CTRL_U = 21, CTRL_W = 23 };
    if (is_code) {
        return take_code(edit, key);
    }
    if (edit->pasting && key < ' ') {
        edit->gap = edit->pasted;
        return LINE_EDIT_TAKEN; /* line breaks and controls of a paste are not keys */
    }
    switch (key) {
    case '\r':
    case '\n':
        return LINE_EDIT_DONE;
    case 27:
    case CTRL_C:
        return LINE_EDIT_CANCELLED;
    case 127:
    case CTRL_H:
        cut(edit, character_before(edit), edit->cursor);
        return LINE_EDIT_TAKEN;
    case CTRL_A:
        edit->cursor = 0;
        return LINE_EDIT_TAKEN;
    case CTRL_E:
        edit->cursor = edit->length;
        return LINE_EDIT_TAKEN;
    case CTRL_K:
        cut(edit, edit->cursor, edit->length);
        return LINE_EDIT_TAKEN;
    case CTRL_U:
        cut(edit, 0, edit->cursor);
        return LINE_EDIT_TAKEN;
    case CTRL_W: {
        size_t from = edit->cursor;
        while (from > 0 && edit->text[from - 1] == ' ') {
            from--;
        }
        while (from > 0 && edit->text[from - 1] != ' ') {
            from--;
        }
        cut(edit, from, edit->cursor);
        return LINE_EDIT_TAKEN;
    }
    default:
        break;
    }
    if (key < ' ') {
        return LINE_EDIT_OTHER;
    }
    edit->pasted = edit->pasting;
    edit->broken |= edit->pasting && edit->gap;
    insert(edit, (unsigned)key);
    return LINE_EDIT_TAKEN;
}

void line_edit_draw(const struct line_edit *edit, struct ui_canvas *canvas, int row, int column,
                    int width, bool focused)
{
    enum ui_role role = focused ? UI_ROLE_INPUT : UI_ROLE_TEXT;
    canvas_cell(canvas, row, column, width, role, "");
    if (edit->secret) {
        /* Neither the text nor its length. */
        canvas_put(canvas, row, column, width, role,
                   edit->length > 0 ? _("(typed, not shown)") : "");
        if (focused) {
            canvas_cursor(canvas, row, column, true);
        }
        return;
    }
    /* Only what can be seen: a paste may be long. */
    size_t most = (size_t)(width > 0 ? width : 0) * 8;
    size_t from = edit->cursor > most ? edit->cursor - most : 0;
    while (((unsigned char)edit->text[from] & 0xC0) == 0x80) {
        from++;
    }
    char before[LINE_EDIT_SIZE];
    memcpy(before, edit->text, edit->cursor);
    before[edit->cursor] = '\0';
    while (text_width(before + from) >= width && before[from] != '\0') {
        from++;
        while (((unsigned char)before[from] & 0xC0) == 0x80) {
            from++;
        }
    }
    canvas_put(canvas, row, column, width, role, edit->text + from);
    if (focused) {
        canvas_cursor(canvas, row, column + text_width(before + from), true);
    }
}
