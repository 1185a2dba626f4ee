#include "runner.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"

Suite *suite_file(void);

static char folder[64];

static char *inside(const char *name)
{
    if (folder[0] == '\0') {
        strncpy(folder, "/tmp/pullmend-unit.XXXXXX", sizeof(folder) - 1);
        ck_assert_ptr_nonnull(mkdtemp(folder));
    }
    return file_join(folder, name);
}

START_TEST(writing_replaces_the_whole_file_with_its_mode)
{
    char *path = inside("a");
    struct error err = ERROR_INIT;
    ck_assert(file_write_atomic(path, "one", 3, 0600, &err));
    ck_assert(file_write_atomic(path, "two!", 4, 0600, &err));
    struct buffer content;
    buffer_init(&content, 100);
    ck_assert(file_read(path, &content, &err));
    ck_assert_str_eq(content.data, "two!");
    struct stat status;
    ck_assert_int_eq(stat(path, &status), 0);
    ck_assert_int_eq(status.st_mode & 0777, 0600);
    buffer_free(&content);
    unlink(path);
    rmdir(folder);
    free(path);
}
END_TEST

START_TEST(reading_says_what_is_wrong_with_a_path)
{
    struct error err = ERROR_INIT;
    struct buffer content;
    buffer_init(&content, 100);
    ck_assert(!file_read("/no/such/file", &content, &err));
    ck_assert_int_eq(err.kind, ERROR_NOT_FOUND);
    ck_assert(!file_read("/tmp", &content, &err));
    ck_assert_str_eq(err.message, "/tmp: is a folder, not a file");
    ck_assert(!file_read("/dev/zero", &content, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "larger than the 100 bytes"));
    buffer_free(&content);
}
END_TEST

START_TEST(paths_are_joined_and_taken_apart)
{
    char *joined = file_join("/a/", "b");
    ck_assert_str_eq(joined, "/a/b");
    free(joined);
    joined = file_join("/a", "/b");
    ck_assert_str_eq(joined, "/b");
    free(joined);
    char *parent = file_folder("/a/b/c");
    ck_assert_str_eq(parent, "/a/b");
    free(parent);
    parent = file_folder("c");
    ck_assert_str_eq(parent, ".");
    free(parent);
}
END_TEST

START_TEST(folders_are_made_with_their_parents)
{
    char *path = inside("x/y/z");
    struct error err = ERROR_INIT;
    ck_assert(file_make_folder(path, 0700, &err));
    ck_assert(file_make_folder(path, 0700, &err));
    struct stat status;
    ck_assert_int_eq(stat(path, &status), 0);
    ck_assert(S_ISDIR(status.st_mode));
    rmdir(path);
    free(path);
    path = inside("x/y");
    rmdir(path);
    free(path);
    path = inside("x");
    rmdir(path);
    free(path);
    rmdir(folder);
}
END_TEST

Suite *suite_file(void)
{
    const TTest *tests[] = {
        writing_replaces_the_whole_file_with_its_mode, reading_says_what_is_wrong_with_a_path,
        paths_are_joined_and_taken_apart, folders_are_made_with_their_parents, NULL};
    return suite_of("file", tests);
}
