#ifndef UI_ROTATIONS_H
#define UI_ROTATIONS_H

#include "change/session.h"
#include "ui/view.h"

/*
 * What rotated Secrets held before: nowhere but in this program's memory, for as long as it runs,
 * so that a rotation can be taken back. The journal never has it.
 */

/* Keeps it if the session has rotated a Secret; true if it is kept (also by an earlier call). */
bool ui_rotation_keep(struct ui_app *app, const struct change_session *session);
/* What takes the change with this journal id back; NULL if it was no rotation from here. */
struct change_intent *ui_rotation_back(const struct ui_app *app, const char *id);
/* Wipes all. */
void ui_rotations_forget(struct ui_app *app);

#endif
