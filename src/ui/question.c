#include "ui/question.h"

void question_ask(struct ui_question *question, int kind, const char *proposal)
{
    line_edit_set(&question->answer, proposal);
    question->kind = kind;
}

void question_draw(const struct ui_question *question, struct ui_canvas *canvas, int row,
                   enum ui_role role, const char *text)
{
    int used = canvas_put(canvas, row, 1, canvas->columns - 8, role, text);
    line_edit_draw(&question->answer, canvas, row, 1 + used, canvas->columns - used - 2, true);
}

bool question_type(struct ui_view *view, struct ui_question *question, struct pager *pager, int key,
                   bool is_code, void (*answered)(struct ui_view *view, int kind),
                   const char *cancelled)
{
    int kind = question->kind;
    if (kind == 0) {
        return pager_type(pager, key, is_code);
    }
    switch (line_edit_key(&question->answer, key, is_code)) {
    case LINE_EDIT_DONE:
        question->kind = 0;
        answered(view, kind);
        break;
    case LINE_EDIT_CANCELLED:
        question->kind = 0;
        ui_say(view->app, UI_ROLE_INFO, "%s", cancelled);
        break;
    default:
        break;
    }
    return true;
}
