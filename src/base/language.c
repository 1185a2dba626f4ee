#include "base/language.h"

#include <config.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

#ifdef WITH_NLS
#include <libintl.h>
#endif

static bool english;

/* The name of the locale that the person asked for; "" if none. */
static const char *wanted_locale(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
        const char *name = getenv(variables[i]);
        if (name != NULL && name[0] != '\0') {
            return name;
        }
    }
    return "";
}

/* Small images and machines behind ssh often lack the locale that is asked for. If it is one of
 * UTF-8, the terminal is so too, and its language is still wanted. */
static void take_locale(void)
{
    const char *name = wanted_locale();
    const char *codeset = strchr(name, '.');
    if (setlocale(LC_ALL, "") != NULL || codeset == NULL ||
        (strcasecmp(codeset, ".UTF-8") != 0 && strcasecmp(codeset, ".utf8") != 0) ||
        setlocale(LC_ALL, "C.UTF-8") == NULL) {
        return;
    }
    char language[64];
    snprintf(language, sizeof(language), "%.*s", (int)(codeset - name), name);
    setenv("LANGUAGE", language, 0);
}

/* What the program reads and writes for machines is the same in every locale: the decimal point,
 * and which letters are a pair (toupper('i') is no I in Turkish). The mark between thousands is
 * kept, for people. */
static void drop_customs(void)
{
    if (text_locale_is_utf8()) {
        text_set_thousands(localeconv()->thousands_sep);
        setlocale(LC_CTYPE, "C.UTF-8");
    }
    setlocale(LC_NUMERIC, "C");
}

#ifdef WITH_NLS

void language_init(void)
{
    const char *folder = getenv("PULLMEND_LOCALEDIR");
    take_locale();
    drop_customs();
    english = !text_locale_is_utf8(); /* every string of the program is UTF-8 */
    bindtextdomain(PACKAGE, folder != NULL && folder[0] == '/' ? folder : LOCALEDIR);
    bind_textdomain_codeset(PACKAGE, "UTF-8");
    textdomain(PACKAGE);
}

const char *language_text(const char *message)
{
    /* gettext("") is the header of the catalogue. */
    return english || message[0] == '\0' ? message : gettext(message);
}

const char *language_plural(const char *one, const char *many, unsigned long count)
{
    return english ? (count == 1 ? one : many) : ngettext(one, many, count);
}

#else

void language_init(void)
{
    take_locale();
    drop_customs();
}

const char *language_text(const char *message)
{
    return message;
}

const char *language_plural(const char *one, const char *many, unsigned long count)
{
    return count == 1 ? one : many;
}

#endif

bool language_set_machine(bool machine)
{
    bool before = english;
    english = machine || !text_locale_is_utf8();
    return before;
}
