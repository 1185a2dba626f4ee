/* libFuzzer target: bytes are an inventory, read as INI and as YAML. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/kubespray/inventory.h"
#include "base/alloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void walk(struct inventory *inventory)
{
    inventory_finish(inventory);
    for (size_t host = 0; host < inventory->host_count && host < 20; host++) {
        size_t count;
        inventory_groups_of(inventory, host, &count);
        if (count == 0) {
            abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *text = xstrndup((const char *)bytes, size);
    for (int yaml = 0; yaml < 2; yaml++) {
        struct jinja_arena *arena = jinja_arena_new((size_t)1 << 28);
        struct inventory inventory;
        struct error err = ERROR_INIT;
        inventory_init(&inventory, arena);
        bool fine = yaml ? inventory_read_yaml(&inventory, text, strlen(text), "fuzz", &err)
                         : inventory_read_ini(&inventory, text, "fuzz", &err);
        if (fine) {
            walk(&inventory);
        } else if (err.kind == ERROR_NONE) {
            abort();
        }
        jinja_arena_free(arena);
    }
    free(text);
    return 0;
}
