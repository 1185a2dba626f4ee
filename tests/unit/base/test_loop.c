#include "runner.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/loop.h"

Suite *suite_loop(void);

struct scene {
    struct loop *loop;
    struct loop_timer *other;
    struct loop_fd *watch;
    char seen[64];
    int status;
    int fds[2];
};

static void note_and_stop(void *context)
{
    struct scene *scene = context;
    strcat(scene->seen, "stop ");
    loop_stop(scene->loop, 7);
}

static void cancel_other(void *context)
{
    struct scene *scene = context;
    strcat(scene->seen, "cancel ");
    loop_cancel_timer(scene->loop, scene->other);
}

static void must_not_run(void *context)
{
    struct scene *scene = context;
    strcat(scene->seen, "WRONG ");
}

START_TEST(timers_run_in_order_and_can_cancel_each_other)
{
    struct scene scene = {.loop = loop_new()};
    loop_after(scene.loop, 20, note_and_stop, &scene);
    scene.other = loop_after(scene.loop, 10, must_not_run, &scene);
    loop_after(scene.loop, 0, cancel_other, &scene);
    ck_assert_int_eq(loop_run(scene.loop), 7);
    ck_assert_str_eq(scene.seen, "cancel stop ");
    loop_free(scene.loop);
}
END_TEST

static void on_readable(void *context, int events)
{
    struct scene *scene = context;
    char byte;
    ck_assert(events & LOOP_READ);
    if (read(scene->fds[0], &byte, 1) == 1) {
        strncat(scene->seen, &byte, 1);
        return;
    }
    strcat(scene->seen, "|eof");
    loop_unwatch_fd(scene->loop, scene->watch);
    loop_stop(scene->loop, 0);
}

START_TEST(a_descriptor_calls_back_for_bytes_and_for_its_end)
{
    struct scene scene = {.loop = loop_new()};
    ck_assert_int_eq(pipe(scene.fds), 0);
    scene.watch = loop_watch_fd(scene.loop, scene.fds[0], LOOP_READ, on_readable, &scene);
    ck_assert_int_eq(write(scene.fds[1], "ab", 2), 2);
    close(scene.fds[1]);
    loop_run(scene.loop);
    ck_assert_str_eq(scene.seen, "ab|eof");
    close(scene.fds[0]);
    loop_free(scene.loop);
}
END_TEST

static void on_signal_seen(void *context, int number)
{
    struct scene *scene = context;
    scene->status = number;
    loop_stop(scene->loop, 0);
}

START_TEST(a_signal_reaches_its_callback_on_the_loop)
{
    struct scene scene = {.loop = loop_new()};
    loop_on_signal(scene.loop, SIGUSR1, on_signal_seen, &scene);
    raise(SIGUSR1);
    ck_assert_int_eq(scene.status, 0);
    loop_run(scene.loop);
    ck_assert_int_eq(scene.status, SIGUSR1);
    loop_free(scene.loop);
}
END_TEST

static void on_child_end(void *context, int status)
{
    struct scene *scene = context;
    scene->status = WEXITSTATUS(status);
    loop_stop(scene->loop, 0);
}

START_TEST(a_child_is_reaped_with_its_status_even_if_it_was_quick)
{
    struct scene scene = {.loop = loop_new()};
    pid_t pid = fork();
    if (pid == 0) {
        _exit(42);
    }
    loop_watch_child(scene.loop, pid, on_child_end, &scene);
    loop_run(scene.loop);
    ck_assert_int_eq(scene.status, 42);
    loop_free(scene.loop);
}
END_TEST

static void on_transfer(void *context, CURL *easy, CURLcode result)
{
    struct scene *scene = context;
    (void)easy;
    scene->status = (int)result;
    loop_stop(scene->loop, 0);
}

static void take_byte(void *context, int events)
{
    struct scene *scene = context;
    char byte = '?';
    (void)events;
    ck_assert_int_eq(read(scene->fds[0], &byte, 1), 1);
    strncat(scene->seen, &byte, 1);
}

START_TEST(a_round_after_a_stopped_run_still_calls_back)
{
    struct scene scene = {.loop = loop_new()};
    ck_assert_int_eq(pipe(scene.fds), 0);
    loop_after(scene.loop, 0, note_and_stop, &scene);
    loop_run(scene.loop);
    scene.watch = loop_watch_fd(scene.loop, scene.fds[0], LOOP_READ, take_byte, &scene);
    ck_assert_int_eq(write(scene.fds[1], "x", 1), 1);
    loop_step(scene.loop, 0);
    ck_assert_str_eq(scene.seen, "stop x");
    loop_unwatch_fd(scene.loop, scene.watch);
    loop_free(scene.loop);
    close(scene.fds[0]);
    close(scene.fds[1]);
}
END_TEST

START_TEST(a_transfer_that_cannot_connect_ends_with_its_code)
{
    struct scene scene = {.loop = loop_new()};
    CURL *easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_URL, "http://127.0.0.1:1/");
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    struct error err = ERROR_INIT;
    ck_assert(loop_add_transfer(scene.loop, easy, on_transfer, &scene, &err));
    loop_run(scene.loop);
    ck_assert_int_eq(scene.status, CURLE_COULDNT_CONNECT);
    curl_easy_cleanup(easy);
    loop_free(scene.loop);
}
END_TEST

Suite *suite_loop(void)
{
    const TTest *tests[] = {timers_run_in_order_and_can_cancel_each_other,
                            a_descriptor_calls_back_for_bytes_and_for_its_end,
                            a_signal_reaches_its_callback_on_the_loop,
                            a_child_is_reaped_with_its_status_even_if_it_was_quick,
                            a_round_after_a_stopped_run_still_calls_back,
                            a_transfer_that_cannot_connect_ends_with_its_code,
                            NULL};
    return suite_of("loop", tests);
}
