#ifndef SRC_JINJA_FILTERS_H
#define SRC_JINJA_FILTERS_H

#include "run.h"

enum {
    FILTER_UNDEFINED = 1, /* takes undefined values */
    FILTER_NATIVE = 2,    /* its text is never read back as a literal */
};

struct filter {
    const char *name;
    callable call;
    unsigned flags;
};

struct test {
    const char *name;
    bool (*call)(struct run *run, const struct call *call, bool *out);
    unsigned flags;
};

/* Each ends with a NULL name. */
extern const struct filter filters_basic[];
extern const struct filter filters_string[];
extern const struct filter filters_encode[];
extern const struct filter filters_path[];
extern const struct filter filters_list[];
extern const struct filter filters_select[];
extern const struct filter filters_sets[];
extern const struct filter filters_dict[];
extern const struct filter filters_number[];
extern const struct filter filters_regex[];
extern const struct filter filters_json[];
extern const struct filter filters_yaml[];
extern const struct filter filters_net[];
extern const struct test tests_basic[];
extern const struct test tests_ansible[];

/* Methods of Python's types that are also used as functions. */
struct jinja_value lower_of(struct run *run, struct jinja_value value);
bool change_case(struct run *run, const struct jinja_string *string, bool upper,
                 struct jinja_value *out);
bool strip_text(struct run *run, const struct jinja_string *string,
                const struct jinja_string *characters, bool left, bool right,
                struct jinja_value *out);
/* str.splitlines() */
struct jinja_list *split_lines(struct run *run, const struct jinja_string *string, bool keep_ends);
/* str.split() and rsplit(); separator NULL: white space; limit < 0: none. */
struct jinja_list *split_text(struct run *run, const struct jinja_string *string,
                              const struct jinja_string *separator, int64_t limit, bool right);
bool replace_text(struct run *run, const struct jinja_string *string,
                  const struct jinja_string *old, const struct jinja_string *new, int64_t limit,
                  struct jinja_value *out);
bool join_text(struct run *run, const struct jinja_list *items, const struct jinja_string *between,
               struct jinja_value *out);
/* Sorts in place, stable, by keys (as many as items). */
bool sort_items(struct run *run, struct jinja_value *items, const struct jinja_value *keys,
                size_t count, bool reverse);
/* Keys, values or items of a dict, or a range: neither list nor tuple. */
bool is_view(struct jinja_value value);
unsigned upper_code(unsigned code);
/* Fails for a letter whose other case is not known here. */
bool case_known(struct run *run, unsigned code, bool upper);
unsigned lower_code(unsigned code);
bool is_letter(unsigned code);

/* Python's re: search from an offset; groups as values (none where unmatched). */
bool regex_matches(struct run *run, struct jinja_value pattern, const struct jinja_string *subject,
                   bool ignore_case, bool multiline, bool anchored, bool *matches);

/* Writes JSON. indent < 0: one line. */
struct json_style {
    int indent;
    bool sort_keys;
    bool ascii;
    const char *item_separator;
    const char *key_separator;
};
bool write_json(struct run *run, struct buffer *out, struct jinja_value value,
                const struct json_style *style, int depth);

#endif
