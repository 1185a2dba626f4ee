#include "runner.h"

#include <stdio.h>

#include "base/alloc.h"
#include "base/map.h"

Suite *suite_map(void);

START_TEST(values_are_found_replaced_and_removed)
{
    struct map *map = map_new(free);
    map_set(map, "a", xstrdup("1"));
    map_set(map, "a", xstrdup("2"));
    ck_assert_str_eq(map_get(map, "a"), "2");
    ck_assert_uint_eq(map_count(map), 1);
    ck_assert(map_remove(map, "a"));
    ck_assert(!map_remove(map, "a"));
    ck_assert_ptr_null(map_get(map, "a"));
    map_free(map);
}
END_TEST

START_TEST(walks_go_in_order_of_insertion_and_survive_removal)
{
    struct map *map = map_new(NULL);
    static int numbers[100];
    for (int i = 0; i < 100; i++) {
        char key[16];
        numbers[i] = i;
        snprintf(key, sizeof(key), "k%d", i);
        map_set(map, key, &numbers[i]);
    }
    size_t position = 0;
    const char *key;
    void *value;
    int expected = 0;
    while (map_next(map, &position, &key, &value)) {
        ck_assert_int_eq(*(int *)value, expected++);
        if (expected % 2 == 0) {
            map_remove(map, key);
        }
    }
    ck_assert_int_eq(expected, 100);
    ck_assert_uint_eq(map_count(map), 50);
    ck_assert_ptr_nonnull(map_get(map, "k98"));
    ck_assert_ptr_null(map_get(map, "k99"));
    map_free(map);
}
END_TEST

Suite *suite_map(void)
{
    const TTest *tests[] = {values_are_found_replaced_and_removed,
                            walks_go_in_order_of_insertion_and_survive_removal, NULL};
    return suite_of("map", tests);
}
