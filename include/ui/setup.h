#ifndef UI_SETUP_H
#define UI_SETUP_H

#include "change/pull_check.h"
#include "change/rights.h"
#include "ui/view.h"

/* The guided way, five steps with one question each. Preview and apply are their own views. */
enum setup_step {
    SETUP_CLUSTER,
    SETUP_DRIVER,
    SETUP_CREDENTIAL,
    SETUP_PREVIEW,
    SETUP_END,
    SETUP_STEP_COUNT
};

enum setup_answer { SETUP_OPEN, SETUP_MENDED, SETUP_LEFT };

/* What a person decided about one driver. */
struct setup_choice {
    char *driver;
    bool ticked;  /* shall be mended */
    bool chosen;  /* by a person; otherwise the broken ones are ticked */
    int way;      /* the row of the ways out; behind the last one: leave it as it is */
    bool way_set; /* by a person; otherwise it is the suggested one */
    enum setup_answer answer;
};

struct setup {
    enum setup_step step;
    struct change_rights rights;
    struct setup_choice *choices; /* in the census' order, as it was found */
    size_t count, capacity;
    size_t at; /* the choice that the third step asks about */
    struct ui_list drivers;
    struct ui_list ways;
    struct change_pull_check *check;
    bool changing; /* a preview was opened for the choice */
    bool resumed;
    int rows; /* of the list that is shown, down to the last row of */
    int body; /* a canvas with so many rows */
};

/* What is to be mended at a driver: the first finding with a way out; NULL: nothing, or it is gone.
 */
const struct csi_finding *setup_finding(const struct ui_model *model, const char *driver);
/* The way that the registries' answers speak for (a row of the ways out); -1: none. */
int setup_suggestion(const struct setup *setup, const struct csi_finding *finding);
void setup_draw_step(const struct ui_model *model, struct setup *setup, struct ui_canvas *canvas);

/* --- Where a person was, for the next time ------------------------------------------------------
 * In $XDG_STATE_HOME/pullmend/setup.yaml, for one server; no values of Secrets are among it. */
void setup_memory_save(const char *server, const struct setup *setup);
/* Takes step and choices of that server; false if there are none. */
bool setup_memory_load(const char *server, struct setup *setup);
void setup_memory_forget(void);
/* True the first time that this person starts the program, as far as can be seen; marks that it was
 * started. */
bool setup_memory_first_start(void);

struct setup_choice *setup_add_choice(struct setup *setup, const char *driver);

#endif
