#include "runner.h"

#include <stdio.h>
#include <string.h>

#include "base/attributes.h"
#include "dump.h"

Suite *suite_yaml_read(void);

static void assert_dump(const char *text, bool refuse_duplicates, const char *expected)
{
    char *dump = dump_yaml(text, strlen(text), DOC_SCHEMA_ANSIBLE, refuse_duplicates);
    ck_assert_str_eq(dump, expected);
    free(dump);
}

static void assert_starts(const char *text, const char *expected)
{
    char *dump = dump_yaml(text, strlen(text), DOC_SCHEMA_ANSIBLE, true);
    ck_assert_msg(strncmp(dump, expected, strlen(expected)) == 0, "%s\ninstead of\n%s", dump,
                  expected);
    free(dump);
}

START_TEST(documents_of_all_shapes_are_read)
{
    static const struct {
        const char *text;
        const char *dump;
    } cases[] = {
        {"", ""},
        {"# only a comment\n", ""},
        {"---\n", "null"},
        {"---\n...\n---\na\n", "null --- 'a'"},
        {"a: 1\n---\nb: 2\n", "{'a': i:1} --- {'b': i:2}"},
        {"a:\nb:\n- x\n- - y\n  - z\n- {}\n- []\n", "{'a': null, 'b': ['x', ['y', 'z'], {}, []]}"},
        {"a: {b: [1, 2], c: }\n", "{'a': {'b': [i:1, i:2], 'c': null}}"},
        {"? a\n: b\n? c\n", "{'a': 'b', 'c': null}"},
        {"1: a\ntrue: b\nnull: c\n1.5: d\n", "{i:1: 'a', true: 'b', null: 'c', f:1.5: 'd'}"},
        {"a: |\n  x\n   y\n\n  z\n\nb: |-\n  x\n\nc: |+\n  x\n\nd: >\n  x\n  y\n\n  z\n",
         "{'a': 'x\n y\n\nz\n', 'b': 'x', 'c': 'x\n\n', 'd': 'x y\nz\n'}"},
        {"a: \"x\\ty\\u00e4\\x41\"\nb: 'it''s'\n", "{'a': 'x\ty\xC3\xA4"
                                                   "A', 'b': 'it's'}"},
        {"a: one\n  two\n\n  three\n", "{'a': 'one two\nthree'}"},
        {"\xEF\xBB\xBF"
         "a: 1\n",
         "{'a': i:1}"},
        {"a: 1\r\nb: |\r\n  x\r\n  y\r\n", "{'a': i:1, 'b': 'x\ny\n'}"},
        {"%YAML 1.1\n---\na: 1\n", "{'a': i:1}"},
        {"{\"a\": [true, null, \"x\\/y\"]}", "{'a': [true, null, 'x/y']}"},
        {"a: 1 # comment\nb: x#y\n", "{'a': i:1, 'b': 'x#y'}"},
        {"- a: 1\n  b: 2\n- c", "[{'a': i:1, 'b': i:2}, 'c']"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        assert_dump(cases[i].text, true, cases[i].dump);
    }
}
END_TEST

START_TEST(aliases_become_copies_and_merge_keys_merge)
{
    static const struct {
        const char *text;
        const char *dump;
    } cases[] = {
        {"a: &x {k: 1}\nb: *x\n", "{'a': {'k': i:1}, 'b': {'k': i:1}}"},
        {"a: &x v\n*x : w\n", "{'a': 'v', 'v': 'w'}"},
        {"- &x a\n- &x b\n- *x\n", "['a', 'b', 'b']"},
        {"d: &d {k: 1, l: 2}\ne: {l: 3, <<: *d, m: 4}\n",
         "{'d': {'k': i:1, 'l': i:2}, 'e': {'k': i:1, 'l': i:3, 'm': i:4}}"},
        {"- &a {k: 1, l: 1}\n- &b {k: 2, m: 2}\n- <<: [*a, *b]\n",
         "[{'k': i:1, 'l': i:1}, {'k': i:2, 'm': i:2}, {'k': i:1, 'm': i:2, 'l': i:1}]"},
        {"- &a {k: 1}\n- &b {k: 2}\n- <<: *a\n  <<: *b\n", "[{'k': i:1}, {'k': i:2}, {'k': i:2}]"},
        {"a: {<<: &x {k: 1}}\nb: *x\n", "{'a': {'k': i:1}, 'b': {'k': i:1}}"},
        {"a: {'<<': 1}\n", "{'a': {'<<': i:1}}"},
        {"- &a {k: 1}\n- !!merge <<: *a\n", "[{'k': i:1}, {'k': i:1}]"},
        {"a: {<<: {}}\nb: {<<: []}\n", "{'a': {}, 'b': {}}"},
        {"- &a {k: &b {l: 1}}\n- {<<: *a, k: 0}\n- *b\n",
         "[{'k': {'l': i:1}}, {'k': i:0}, {'l': i:1}]"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        assert_dump(cases[i].text, true, cases[i].dump);
    }
}
END_TEST

START_TEST(a_key_that_comes_twice_is_refused_or_the_last_one_wins)
{
    assert_dump("a: 1\nb: 2\na: 3\n", false, "{'a': i:3, 'b': i:2}");
    assert_dump("a: 1\nb: 2\n'a': 3\n", true,
                "f.yml:3:1: the key \"a\" stands in this map twice (first in line 1); remove one");
    assert_dump("x:\n  - {a: 1, a: 2}\n", true,
                "f.yml:2:12: the key \"a\" stands in this map twice (first in line 2); remove one");
    assert_dump("a: &x {k: 1}\na: *x\n", false, "{'a': {'k': i:1}}");
    assert_dump("a: &x {k: 1}\na: 0\nb: *x\n", false, "{'a': i:0, 'b': {'k': i:1}}");
    assert_dump("1: a\n'1': b\n", true, "{i:1: 'a', '1': 'b'}");
}
END_TEST

START_TEST(errors_name_the_place_and_the_way_out)
{
    static const struct {
        const char *text;
        const char *start;
    } cases[] = {
        {"a: 1\n\tb: 2\n",
         "f.yml:2:1: found a tab character that violates indentation, while scanning a plain "
         "scalar that starts in line 1; indent with blanks instead of tabs"},
        {"a:\n\t- x\n", "f.yml:2:1: found character that cannot start any token"},
        {"a: b: c\n", "f.yml:1:5: mapping values are not allowed in this context; quote a text"},
        {"a: [1, 2\nb: 3\n", "f.yml:2:2: did not find expected ',' or ']', while parsing a flow "
                             "sequence that starts in line 1; mend"},
        {"a: 'x\n", "f.yml:2:1: found unexpected end of stream, while scanning a quoted scalar "
                    "that starts in line 1; close the quotes"},
        {"a: 1\n b: 2\n", "f.yml:2:3: mapping values are not allowed"},
        {"a:\n    b: 1\n  c: 2\n", "f.yml:3:3: did not find expected key, while parsing a block "
                                   "mapping that starts in line 1"},
        {"a: *none\n", "f.yml:1:4: the alias *none has no finished &none before it"},
        {"a: &x [*x]\n", "f.yml:1:8: the alias *x has no finished &x before it"},
        {"--- &x a\n--- *x\n", "f.yml:2:5: the alias *x has no finished &x before it"},
        {"a: {{ x }}\n", "f.yml:1:5: a list or map cannot be a key; quote a value that starts "
                         "with {{"},
        {"? [a]\n: b\n", "f.yml:1:3: a list or map cannot be a key"},
        {"<<: 1\n", "f.yml:1:5: the merge key << takes a map or a list of maps"},
        {"<<: [{a: 1}, 2]\n", "f.yml:1:5: the merge key << takes a map or a list of maps"},
        {"\"a\\0b\": 1\n", "f.yml:1:1: a key cannot hold the character NUL"},
        {"a: x\nb: \x01\n", "f.yml:2:4: control characters are not allowed; save the file"},
        {"\xC3\xA4: \xFF\n", "f.yml:1:4: invalid leading UTF-8 octet; save the file"},
        {"a: `x`\n", "f.yml:1:4: found character that cannot start any token"},
        {"%YAML 3.0\n---\na\n", "f.yml:1:1: found incompatible YAML document"},
        {"a: \"\\ud800\"\n", "f.yml:1:"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        assert_starts(cases[i].text, cases[i].start);
    }
}
END_TEST

START_TEST(nothing_is_left_after_an_error)
{
    struct doc_options options = {.schema = DOC_SCHEMA_ANSIBLE, .source = NULL};
    struct doc_stream stream;
    struct error err = ERROR_INIT;
    ck_assert(!doc_parse_yaml("a: 1\n---\n- [", 12, &options, &stream, &err));
    ck_assert_ptr_null(stream.documents);
    ck_assert_uint_eq(stream.count, 0);
    ck_assert_int_eq(err.kind, ERROR_CONFIG);
    ck_assert_msg(strncmp(err.message, "YAML:4:", 7) == 0, "%s", err.message);
}
END_TEST

START_TEST(billions_of_laughs_are_refused)
{
    struct buffer text;
    buffer_init(&text, 10000);
    buffer_append_string(&text, "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
    for (int i = 1; i < 10; i++) {
        buffer_printf(&text, "a%d: &a%d [", i, i);
        for (int j = 0; j < 10; j++) {
            buffer_printf(&text, "%s*a%d", j == 0 ? "" : ",", i - 1);
        }
        buffer_append_string(&text, "]\n");
    }
    assert_starts(text.data, "f.yml:5:");
    buffer_free(&text);
}
END_TEST

START_TEST(merge_keys_cannot_copy_without_end_either)
{
    static const char *const values[] = {"*m", "[*m, *m]"};
    for (size_t i = 0; i < ARRAY_LENGTH(values); i++) {
        struct buffer text;
        buffer_init(&text, 1000000);
        buffer_append_string(&text, "- &m\n");
        for (int key = 0; key < 1000; key++) {
            buffer_printf(&text, "  k%d: {v: 1}\n", key);
        }
        for (int copy = 0; copy < 40; copy++) {
            buffer_printf(&text, "- <<: %s\n", values[i]);
        }
        char *dump = dump_yaml(text.data, text.length, DOC_SCHEMA_ANSIBLE, true);
        ck_assert_msg(strstr(dump, "copy too much") != NULL, "%.200s", dump);
        free(dump);
        buffer_free(&text);
    }
}
END_TEST

START_TEST(a_number_of_a_thousand_digits_is_a_number_without_a_value)
{
    struct buffer text;
    buffer_init(&text, 2000);
    buffer_append_repeat(&text, '9', 1000);
    struct doc_options options = {.schema = DOC_SCHEMA_ANSIBLE, .source = "x"};
    struct doc_stream stream;
    ck_assert(doc_parse_yaml(text.data, text.length, &options, &stream, NULL));
    long long value = 0;
    ck_assert_int_eq(stream.documents[0]->type, DOC_INT);
    ck_assert(!doc_integer(stream.documents[0], &value));
    doc_stream_free(&stream);
    buffer_free(&text);
}
END_TEST

START_TEST(a_long_text_cannot_be_copied_without_end)
{
    struct buffer text;
    buffer_init(&text, 2000000);
    buffer_append_string(&text, "- &a ");
    buffer_append_repeat(&text, 'x', 1000000);
    for (int i = 0; i < 7; i++) {
        buffer_append_string(&text, "\n- *a");
    }
    assert_starts(text.data, "f.yml:8:3: aliases copy too much");
    buffer_free(&text);
}
END_TEST

START_TEST(depth_is_limited_also_through_aliases)
{
    struct buffer text;
    buffer_init(&text, 10000);
    buffer_append_repeat(&text, '[', 100);
    buffer_append_repeat(&text, ']', 100);
    char *dump = dump_yaml(text.data, text.length, DOC_SCHEMA_ANSIBLE, true);
    ck_assert_str_eq(dump, text.data);
    free(dump);
    buffer_clear(&text);
    buffer_append_repeat(&text, '[', 101);
    assert_starts(text.data, "f.yml:1:101: nested more than 100 levels deep");
    buffer_clear(&text);
    buffer_append_string(&text, "- &a [[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]\n");
    for (char name = 'b'; name < 'j'; name++) {
        buffer_printf(&text, "- &%c [[[[[[[[[[[[[[[[[[[[*%c]]]]]]]]]]]]]]]]]]]]\n", name, name - 1);
    }
    assert_starts(text.data, "f.yml:5:26: aliases copy too much");
    buffer_free(&text);
}
END_TEST

START_TEST(nodes_know_where_they_stand)
{
    static const char text[] = "# c\n"
                               "a: 1\n"
                               "b:\n"
                               "  - x\n"
                               "  - |\n"
                               "    l1\n"
                               "    l2\n"
                               "c: {d: [1,\n"
                               "  2]\n"
                               "  }\n"
                               "\xC3\xA4: 'q'\n";
    struct doc_options options = {.schema = DOC_SCHEMA_KUBERNETES, .source = "x"};
    struct doc_stream stream;
    ck_assert(doc_parse_yaml(text, sizeof(text) - 1, &options, &stream, NULL));
    const struct doc_node *root = stream.documents[0];
    const struct doc_node *nodes[] = {root,
                                      doc_get(root, "a"),
                                      doc_get(root, "b"),
                                      doc_get(root, "b")->items[1],
                                      doc_get(root, "c"),
                                      doc_get(doc_get(root, "c"), "d"),
                                      doc_get(root, "\xC3\xA4")};
    static const int places[][3] = {{2, 1, 11}, {2, 4, 2}, {4, 3, 7},  {5, 5, 7},
                                    {8, 4, 10}, {8, 8, 9}, {11, 4, 11}};
    for (size_t i = 0; i < ARRAY_LENGTH(nodes); i++) {
        ck_assert_int_eq(nodes[i]->line, places[i][0]);
        ck_assert_int_eq(nodes[i]->column, places[i][1]);
        ck_assert_int_eq(nodes[i]->end_line, places[i][2]);
    }
    ck_assert_ptr_null(doc_get(root, "A"));
    ck_assert_ptr_null(doc_get(root->items[0], "a"));
    ck_assert_ptr_null(doc_get(NULL, "a"));
    ck_assert_ptr_null(doc_string(root));
    ck_assert_ptr_null(doc_string(NULL));
    ck_assert(!doc_is_true(NULL));
    doc_stream_free(&stream);
}
END_TEST

START_TEST(texts_may_hold_nul)
{
    struct doc_options options = {.schema = DOC_SCHEMA_ANSIBLE, .source = "x"};
    struct doc_stream stream;
    ck_assert(doc_parse_yaml("\"a\\0b\"", 6, &options, &stream, NULL));
    ck_assert_uint_eq(stream.documents[0]->length, 3);
    ck_assert_mem_eq(stream.documents[0]->text, "a\0b", 4);
    doc_stream_free(&stream);
}
END_TEST

START_TEST(a_map_of_many_keys_is_read_in_a_moment)
{
    struct buffer text;
    buffer_init(&text, 10000000);
    for (int i = 0; i < 50000; i++) {
        buffer_printf(&text, "key%d: %d\n", i, i);
    }
    struct doc_options options = {.source = "x", .refuse_duplicates = true};
    struct doc_stream stream;
    ck_assert(doc_parse_yaml(text.data, text.length, &options, &stream, NULL));
    ck_assert_uint_eq(stream.documents[0]->count, 50000);
    ck_assert_str_eq(doc_get(stream.documents[0], "key49999")->text, "49999");
    doc_stream_free(&stream);
    buffer_free(&text);
}
END_TEST

Suite *suite_yaml_read(void)
{
    const TTest *tests[] = {documents_of_all_shapes_are_read,
                            aliases_become_copies_and_merge_keys_merge,
                            a_key_that_comes_twice_is_refused_or_the_last_one_wins,
                            errors_name_the_place_and_the_way_out,
                            nothing_is_left_after_an_error,
                            billions_of_laughs_are_refused,
                            merge_keys_cannot_copy_without_end_either,
                            a_number_of_a_thousand_digits_is_a_number_without_a_value,
                            a_long_text_cannot_be_copied_without_end,
                            depth_is_limited_also_through_aliases,
                            nodes_know_where_they_stand,
                            texts_may_hold_nul,
                            a_map_of_many_keys_is_read_in_a_moment,
                            NULL};
    return suite_of("yaml read", tests);
}
