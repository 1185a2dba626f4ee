#include "runner.h"

#include <string.h>

#include "base/error.h"

Suite *suite_error(void);

START_TEST(setting_an_error_returns_false)
{
    struct error err = ERROR_INIT;
    ck_assert(!error_set(&err, ERROR_NOT_FOUND, "secret %s", "regcred"));
    ck_assert_int_eq(err.kind, ERROR_NOT_FOUND);
    ck_assert_str_eq(err.message, "secret regcred");
    ck_assert(!error_set(NULL, ERROR_NOT_FOUND, "nobody listens"));
}
END_TEST

START_TEST(context_goes_in_front_and_keeps_the_kind)
{
    struct error err = ERROR_INIT;
    error_set(&err, ERROR_TIMEOUT, "no answer");
    error_wrap(&err, "get pods in %s", "kube-system");
    ck_assert_str_eq(err.message, "get pods in kube-system: no answer");
    ck_assert_int_eq(err.kind, ERROR_TIMEOUT);
}
END_TEST

START_TEST(escape_sequences_never_get_into_a_message)
{
    struct error err = ERROR_INIT;
    error_set(&err, ERROR_PROTOCOL, "server said %s", "\x1b]0;owned\x07\nnext");
    ck_assert_ptr_null(strchr(err.message, '\x1b'));
    ck_assert_ptr_null(strchr(err.message, '\x07'));
    ck_assert_ptr_null(strchr(err.message, '\n'));
}
END_TEST

START_TEST(a_message_that_is_too_long_is_cut_at_a_character)
{
    struct error err = ERROR_INIT;
    char text[4000];
    memset(text, 'a', sizeof(text));
    for (size_t i = 1; i + 2 < sizeof(text); i += 2) {
        memcpy(text + i, "\xC3\xA4", 2);
    }
    text[sizeof(text) - 1] = '\0';
    error_set(&err, ERROR_PROTOCOL, "%s", text);
    size_t length = strlen(err.message);
    ck_assert_uint_lt(length, sizeof(err.message));
    ck_assert_int_eq((unsigned char)err.message[length - 1], 0xA4);
}
END_TEST

START_TEST(kinds_give_the_documented_exit_codes)
{
    ck_assert_int_eq(error_exit_code(ERROR_NONE), 0);
    ck_assert_int_eq(error_exit_code(ERROR_USAGE), 2);
    ck_assert_int_eq(error_exit_code(ERROR_CONFIG), 3);
    ck_assert_int_eq(error_exit_code(ERROR_AUTH), 3);
    ck_assert_int_eq(error_exit_code(ERROR_FORBIDDEN), 4);
    ck_assert_int_eq(error_exit_code(ERROR_CONFLICT), 4);
}
END_TEST

Suite *suite_error(void)
{
    const TTest *tests[] = {setting_an_error_returns_false,
                            context_goes_in_front_and_keeps_the_kind,
                            escape_sequences_never_get_into_a_message,
                            a_message_that_is_too_long_is_cut_at_a_character,
                            kinds_give_the_documented_exit_codes,
                            NULL};
    return suite_of("error", tests);
}
