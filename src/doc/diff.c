#include "doc/diff.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/map.h"

/* E. W. Myers, "An O(ND) Difference Algorithm and Its Variations", 1986, in its linear space form:
 * find the middle of the shortest path from both ends, then do the halves. */

/* One text as lines. Equal lines have equal numbers. */
struct side {
    const char **starts;
    size_t *lengths;
    int *numbers;
    bool *changed;
    int count;
    int *kept; /* the lines that stand in the other text too: their places here */
    int kept_count;
};

struct search {
    const struct side *old_side;
    const struct side *new_side;
    int *forward;  /* by diagonal: how far the paths from the start got in the old text */
    int *backward; /* and those from the end */
};

struct box {
    int old_start;
    int old_end;
    int new_start;
    int new_end;
};

/* --- Lines ---------------------------------------------------------------------------------------
 */

static void split_lines(struct side *side, const char *text)
{
    size_t start_capacity = 0;
    size_t length_capacity = 0;
    size_t count = 0;
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        side->starts = xgrow(side->starts, count, &start_capacity, sizeof(*side->starts));
        side->lengths = xgrow(side->lengths, count, &length_capacity, sizeof(*side->lengths));
        side->starts[count] = text;
        side->lengths[count] = length;
        count++;
        text += length + (text[length] == '\n' ? 1 : 0);
    }
    side->count = (int)count;
    side->numbers = xcalloc(count, sizeof(*side->numbers));
    side->changed = xcalloc(count, sizeof(*side->changed));
    side->kept = xcalloc(count, sizeof(*side->kept));
}

static void free_side(struct side *side)
{
    free(side->starts);
    free(side->lengths);
    free(side->numbers);
    free(side->changed);
    free(side->kept);
}

/* Numbers from 1; the line feed counts, so that a last line without one differs. */
static void number_lines(struct side *side, struct map *numbers)
{
    for (int i = 0; i < side->count; i++) {
        size_t length = side->lengths[i];
        char *line = xstrndup(side->starts[i], length + (side->starts[i][length] == '\n' ? 1 : 0));
        uintptr_t number = (uintptr_t)map_get(numbers, line);
        if (number == 0) {
            number = map_count(numbers) + 1;
            map_set(numbers, line, (void *)number);
        }
        side->numbers[i] = (int)number;
        free(line);
    }
}

/* Lines without a twin in the other text are changed for certain; the search does not see them. */
static void set_apart(struct side *side, const struct side *other, size_t numbers)
{
    bool *stands_there = xcalloc(numbers + 1, sizeof(*stands_there));
    for (int i = 0; i < other->count; i++) {
        stands_there[other->numbers[i]] = true;
    }
    for (int i = 0; i < side->count; i++) {
        if (stands_there[side->numbers[i]]) {
            side->kept[side->kept_count++] = i;
        } else {
            side->changed[i] = true;
        }
    }
    free(stands_there);
}

/* --- The search ----------------------------------------------------------------------------------
 */

static bool same_line(const struct search *search, int old_at, int new_at)
{
    return search->old_side->numbers[search->old_side->kept[old_at]] ==
           search->new_side->numbers[search->new_side->kept[new_at]];
}

/* The diagonals (old place minus new place) that one end has reached. */
struct reach {
    int low;
    int high;
};

/* One step further in both directions; what lies outside the box is set to unreached. */
static void widen(struct reach *reach, int *furthest, int lowest, int highest, int unreached)
{
    if (reach->low > lowest) {
        furthest[--reach->low - 1] = unreached;
    } else {
        reach->low++;
    }
    if (reach->high < highest) {
        furthest[++reach->high + 1] = unreached;
    } else {
        reach->high--;
    }
}

static bool step_forward(const struct search *search, const struct box *box,
                         const struct reach *reach, const struct reach *other, bool odd,
                         int *middle, int *diagonal)
{
    int *furthest = search->forward;
    for (int d = reach->high; d >= reach->low; d -= 2) {
        int x = furthest[d - 1] < furthest[d + 1] ? furthest[d + 1] : furthest[d - 1] + 1;
        while (x < box->old_end && x - d < box->new_end && same_line(search, x, x - d)) {
            x++;
        }
        furthest[d] = x;
        if (odd && other->low <= d && d <= other->high && search->backward[d] <= x) {
            *middle = x;
            *diagonal = d;
            return true;
        }
    }
    return false;
}

static bool step_backward(const struct search *search, const struct box *box,
                          const struct reach *reach, const struct reach *other, bool odd,
                          int *middle, int *diagonal)
{
    int *furthest = search->backward;
    for (int d = reach->high; d >= reach->low; d -= 2) {
        int x = furthest[d - 1] < furthest[d + 1] ? furthest[d - 1] : furthest[d + 1] - 1;
        while (x > box->old_start && x - d > box->new_start &&
               same_line(search, x - 1, x - d - 1)) {
            x--;
        }
        furthest[d] = x;
        if (!odd && other->low <= d && d <= other->high && x <= search->forward[d]) {
            *middle = x;
            *diagonal = d;
            return true;
        }
    }
    return false;
}

/* A point on a shortest path through the box, about half way. */
static void find_middle(const struct search *search, const struct box *box, int *old_middle,
                        int *new_middle)
{
    int lowest = box->old_start - box->new_end;
    int highest = box->old_end - box->new_start;
    int first = box->old_start - box->new_start;
    int last = box->old_end - box->new_end;
    bool odd = ((first - last) & 1) != 0;
    struct reach forward = {first, first};
    struct reach backward = {last, last};
    int diagonal = 0;
    search->forward[first] = box->old_start;
    search->backward[last] = box->old_end;
    for (;;) {
        widen(&forward, search->forward, lowest, highest, -1);
        if (step_forward(search, box, &forward, &backward, odd, old_middle, &diagonal)) {
            break;
        }
        widen(&backward, search->backward, lowest, highest, INT32_MAX);
        if (step_backward(search, box, &backward, &forward, odd, old_middle, &diagonal)) {
            break;
        }
    }
    *new_middle = *old_middle - diagonal;
}

static void compare(const struct search *search, struct box box)
{
    while (box.old_start < box.old_end && box.new_start < box.new_end &&
           same_line(search, box.old_start, box.new_start)) {
        box.old_start++;
        box.new_start++;
    }
    while (box.old_start < box.old_end && box.new_start < box.new_end &&
           same_line(search, box.old_end - 1, box.new_end - 1)) {
        box.old_end--;
        box.new_end--;
    }
    if (box.old_start == box.old_end || box.new_start == box.new_end) {
        for (int i = box.old_start; i < box.old_end; i++) {
            search->old_side->changed[search->old_side->kept[i]] = true;
        }
        for (int i = box.new_start; i < box.new_end; i++) {
            search->new_side->changed[search->new_side->kept[i]] = true;
        }
        return;
    }
    int old_middle = 0;
    int new_middle = 0;
    find_middle(search, &box, &old_middle, &new_middle);
    compare(search, (struct box){box.old_start, old_middle, box.new_start, new_middle});
    compare(search, (struct box){old_middle, box.old_end, new_middle, box.new_end});
}

static void search_changes(const struct side *old_side, const struct side *new_side)
{
    size_t diagonals = (size_t)old_side->kept_count + (size_t)new_side->kept_count + 3;
    int *both = xcalloc(2 * diagonals, sizeof(*both));
    int *zero = both + new_side->kept_count + 1; /* diagonals go from -new_count to old_count */
    struct search search = {old_side, new_side, zero, zero + diagonals};
    compare(&search, (struct box){0, old_side->kept_count, 0, new_side->kept_count});
    free(both);
}

/* --- The result ----------------------------------------------------------------------------------
 */

static void add_line(struct diff *out, enum diff_kind kind, const struct side *side, int at,
                     int old_number, int new_number)
{
    out->lines[out->count++] = (struct diff_line){.kind = kind,
                                                  .text = side->starts[at],
                                                  .length = side->lengths[at],
                                                  .old_number = old_number,
                                                  .new_number = new_number};
}

/* Removed lines stand before the added ones that take their place. */
static void merge_sides(struct diff *out, const struct side *old_side, const struct side *new_side)
{
    int i = 0;
    int j = 0;
    while (i < old_side->count || j < new_side->count) {
        if (i < old_side->count && old_side->changed[i]) {
            add_line(out, DIFF_REMOVED, old_side, i, i + 1, 0);
            out->removed++;
            i++;
        } else if (j < new_side->count && new_side->changed[j]) {
            add_line(out, DIFF_ADDED, new_side, j, 0, j + 1);
            out->added++;
            j++;
        } else {
            add_line(out, DIFF_SAME, new_side, j, i + 1, j + 1);
            i++;
            j++;
        }
    }
}

void diff_texts(struct diff *out, const char *old_text, const char *new_text)
{
    struct side old_side = {0};
    struct side new_side = {0};
    struct map *numbers = map_new(NULL);
    *out = (struct diff){0};
    split_lines(&old_side, old_text);
    split_lines(&new_side, new_text);
    number_lines(&old_side, numbers);
    number_lines(&new_side, numbers);
    set_apart(&old_side, &new_side, map_count(numbers));
    set_apart(&new_side, &old_side, map_count(numbers));
    search_changes(&old_side, &new_side);
    out->lines = xcalloc((size_t)old_side.count + (size_t)new_side.count, sizeof(*out->lines));
    merge_sides(out, &old_side, &new_side);
    map_free(numbers);
    free_side(&old_side);
    free_side(&new_side);
}

void diff_free(struct diff *diff)
{
    free(diff->lines);
    *diff = (struct diff){0};
}
