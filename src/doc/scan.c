#include "doc/scan.h"

#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum { BLOCK = 64 };

/* --- What is what in 64 bytes -------------------------------------------------------------------
 * '[' and '{' differ in one bit, as do ']' and '}'. */

enum { BRACE_BIT = 0x20 };

/* The high bit of each byte of word that equals byte; exact, no byte spoils its neighbour. */
static uint64_t equal_bytes(uint64_t word, unsigned char byte)
{
    const uint64_t low = 0x7f7f7f7f7f7f7f7fu;
    uint64_t differs = word ^ (0x0101010101010101u * byte);
    return ~(((differs & low) + low) | differs | low);
}

/* Eight high bits of bytes, the first byte's lowest. */
static uint64_t gather(uint64_t high_bits)
{
    return ((high_bits >> 7) * 0x0102040810204080u) >> 56;
}

static uint64_t load_little_endian(const char *bytes)
{
    uint64_t word = 0;
    for (int i = 7; i >= 0; i--) {
        word = word << 8 | (unsigned char)bytes[i];
    }
    return word;
}

void json_scan_masks_portable(const char bytes[64], struct json_scan_masks *out)
{
    const uint64_t brace_bits = 0x0101010101010101u * BRACE_BIT;
    *out = (struct json_scan_masks){0};
    for (int i = 0; i < 8; i++) {
        uint64_t word = load_little_endian(bytes + (ptrdiff_t)i * 8);
        uint64_t folded = word | brace_bits;
        out->quotes |= gather(equal_bytes(word, '"')) << (i * 8);
        out->backslashes |= gather(equal_bytes(word, '\\')) << (i * 8);
        out->opens |= gather(equal_bytes(folded, '{')) << (i * 8);
        out->closes |= gather(equal_bytes(folded, '}')) << (i * 8);
    }
}

#if defined(__SSE2__)
static uint64_t bits_equal(__m128i bytes, char byte)
{
    return (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(byte)));
}

static inline void masks_of(const char *bytes, struct json_scan_masks *out)
{
    const __m128i brace_bit = _mm_set1_epi8(BRACE_BIT);
    *out = (struct json_scan_masks){0};
    for (int i = 0; i < 4; i++) {
        __m128i part = _mm_loadu_si128((const __m128i *)(const void *)(bytes + (ptrdiff_t)i * 16));
        __m128i folded = _mm_or_si128(part, brace_bit);
        out->quotes |= bits_equal(part, '"') << (i * 16);
        out->backslashes |= bits_equal(part, '\\') << (i * 16);
        out->opens |= bits_equal(folded, '{') << (i * 16);
        out->closes |= bits_equal(folded, '}') << (i * 16);
    }
}
#else
static inline void masks_of(const char *bytes, struct json_scan_masks *out)
{
    json_scan_masks_portable(bytes, out);
}
#endif

void json_scan_masks(const char bytes[64], struct json_scan_masks *out)
{
    masks_of(bytes, out);
}

/* --- Walking ------------------------------------------------------------------------------------
 */

static int first_bit(uint64_t bits)
{
    return __builtin_ctzll(bits);
}

static int count_bits(uint64_t bits)
{
    bits -= (bits >> 1) & 0x5555555555555555u;
    bits = (bits & 0x3333333333333333u) + ((bits >> 2) & 0x3333333333333333u);
    bits = (bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0fu;
    return (int)((bits * 0x0101010101010101u) >> 56);
}

/* Which of the first size bytes a backslash before them takes the meaning from. */
static uint64_t escaped_bytes(struct json_scan *scan, uint64_t backslashes, size_t size)
{
    uint64_t escaped = scan->escaped ? 1 : 0;
    scan->escaped = false;
    backslashes &= ~escaped;
    while (backslashes != 0) {
        int at = first_bit(backslashes);
        if ((size_t)at + 1 == size) {
            scan->escaped = true;
            break;
        }
        escaped |= (uint64_t)2 << at;
        backslashes &= ~((uint64_t)3 << at);
    }
    return escaped;
}

/* Bit i is set if an odd number of bits up to and with i are. */
static uint64_t parity_up_to(uint64_t bits)
{
    for (int shift = 1; shift < BLOCK; shift *= 2) {
        bits ^= bits << shift;
    }
    return bits;
}

/* Byte by byte, where depth may fall to 0 or pass the limit in this block; returns where it falls
 * to 0, or -1. */
static int walk_bits(struct json_scan *scan, uint64_t opens, uint64_t closes, int limit,
                     bool *too_deep)
{
    for (uint64_t left = opens | closes; left != 0; left &= left - 1) {
        int at = first_bit(left);
        if ((opens >> at & 1) != 0) {
            if (++scan->depth > limit) {
                *too_deep = true;
                return -1;
            }
        } else if (--scan->depth == 0) {
            return at;
        }
    }
    return -1;
}

/* One block; its first size bytes count, the others are spaces. Returns where depth falls to 0, or
 * -1. */
static inline int walk_block(struct json_scan *scan, const char *bytes, size_t size, int limit,
                             bool *too_deep)
{
    struct json_scan_masks masks;
    masks_of(bytes, &masks);
    uint64_t quotes = masks.quotes;
    if (masks.backslashes != 0 || scan->escaped) {
        quotes &= ~escaped_bytes(scan, masks.backslashes, size);
    }
    uint64_t inside = parity_up_to(quotes) ^ (scan->in_string ? ~(uint64_t)0 : 0);
    uint64_t opens = masks.opens & ~inside;
    uint64_t closes = masks.closes & ~inside;
    scan->in_string = inside >> (BLOCK - 1) != 0;
    int opened = count_bits(opens);
    int closed = count_bits(closes);
    if (scan->depth > closed && scan->depth + opened <= limit) {
        scan->depth += opened - closed;
        return -1;
    }
    return walk_bits(scan, opens, closes, limit, too_deep);
}

enum json_scan_end json_scan_close(struct json_scan *scan, const char *bytes, size_t *at,
                                   size_t length, int limit)
{
    char tail[BLOCK];
    bool too_deep = false;
    while (*at < length) {
        const char *block = bytes + *at;
        size_t size = length - *at;
        if (size < BLOCK) {
            memset(tail, ' ', sizeof(tail));
            memcpy(tail, block, size);
            block = tail;
        } else {
            size = BLOCK;
        }
        int end = walk_block(scan, block, size, limit, &too_deep);
        if (too_deep) {
            return JSON_SCAN_TOO_DEEP;
        }
        if (end >= 0) {
            *at += (size_t)end + 1;
            scan->in_string = scan->escaped = false;
            return JSON_SCAN_CLOSED;
        }
        *at += size;
    }
    return JSON_SCAN_MORE;
}

const char *json_scan_string(const char *at, const char *end)
{
#if defined(__SSE2__)
    for (; end - at >= 16; at += 16) {
        __m128i part = _mm_loadu_si128((const __m128i *)(const void *)at);
        uint64_t found = bits_equal(part, '"') | bits_equal(part, '\\');
        if (found != 0) {
            return at + first_bit(found);
        }
    }
#else
    for (; end - at >= 8; at += 8) {
        uint64_t word = load_little_endian(at);
        uint64_t found = equal_bytes(word, '"') | equal_bytes(word, '\\');
        if (found != 0) {
            return at + first_bit(found) / 8;
        }
    }
#endif
    while (at < end && *at != '"' && *at != '\\') {
        at++;
    }
    return at;
}
