#ifndef SRC_KUBESPRAY_VARIABLES_H
#define SRC_KUBESPRAY_VARIABLES_H

#include "base/error.h"
#include "jinja/value.h"

/* Files of variables. */
struct notes {
    char **items;
    size_t count;
    size_t capacity;
};

void notes_add(struct notes *notes, char *note);
void notes_free(struct notes *notes);

/* Puts a file's variables over those in dict (dicts replace, they are not merged). A file that is
 * encrypted with Ansible Vault is left aside with a note. */
bool variables_read_file(struct jinja_arena *arena, const char *path, struct jinja_dict *dict,
                         struct notes *notes, struct error *err);
/* The same with a file's text. */
bool variables_read_text(struct jinja_arena *arena, const char *text, size_t length,
                         const char *source, struct jinja_dict *dict, struct error *err);
/* What Ansible finds for `folder/name`: the file without or with .yml, .yaml, .json, or all files
 * of a folder of that name, sorted. yaml_first: role's main.yml comes before a folder main/. */
bool variables_read(struct jinja_arena *arena, const char *folder, const char *name,
                    bool yaml_first, struct jinja_dict *dict, struct notes *notes,
                    struct error *err);
/* -e: "key=value key2='v 2'" (strings), "{...}" or "@file". */
bool variables_read_extra(struct jinja_arena *arena, const char *text, struct jinja_dict *dict,
                          struct notes *notes, struct error *err);
void variables_merge(struct jinja_arena *arena, struct jinja_dict *to,
                     const struct jinja_dict *from);
/* Whether the checkout's ansible.cfg sets a file of an inventory's folder aside. */
bool variables_ignored(const char *checkout, const char *name);

#endif
