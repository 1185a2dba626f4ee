#include "helper.h"

#include <check.h>
#include <string.h>

static bool find_variable(void *context, const char *name, struct jinja_value *raw)
{
    const struct fixture *fixture = context;
    if (fixture->variables.type != JINJA_DICT) {
        return false;
    }
    const struct jinja_value *value = jinja_dict_get_text(fixture->variables.as.dict, name);
    if (value != NULL) {
        *raw = *value;
    }
    return value != NULL;
}

void fixture_open(struct fixture *fixture, const char *yaml, const struct jinja_limits *limits)
{
    const struct jinja_callbacks callbacks = {.context = fixture, .variable = find_variable};
    const struct doc_options options = {.schema = DOC_SCHEMA_ANSIBLE, .source = "test.yml"};
    struct doc_stream stream;
    memset(fixture, 0, sizeof(*fixture));
    buffer_init(&fixture->out, (size_t)1 << 26);
    fixture->env = jinja_environment_new(&callbacks, limits);
    ck_assert_msg(doc_parse_yaml(yaml, strlen(yaml), &options, &stream, &fixture->err), "%s",
                  fixture->err.message);
    fixture->variables = jinja_none();
    if (stream.count > 0) {
        ck_assert(jinja_from_yaml(jinja_environment_arena(fixture->env), stream.documents[0],
                                  "test.yml", &fixture->variables, &fixture->err));
    }
    doc_stream_free(&stream);
}

void fixture_close(struct fixture *fixture)
{
    jinja_environment_free(fixture->env);
    buffer_free(&fixture->out);
}

const char *fixture_render(struct fixture *fixture, const char *text)
{
    buffer_clear(&fixture->out);
    error_clear(&fixture->err);
    return jinja_render(fixture->env, "t.j2", text, strlen(text), NULL, &fixture->out,
                        &fixture->err)
               ? fixture->out.data
               : NULL;
}
