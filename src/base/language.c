#include "base/language.h"

#include <config.h>
#include <locale.h>
#include <stdlib.h>

#include "base/text.h"

#ifdef WITH_NLS
#include <libintl.h>
#endif

static bool english;

#ifdef WITH_NLS

void language_init(void)
{
    const char *folder = getenv("PULLMEND_LOCALEDIR");
    setlocale(LC_ALL, "");
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
    setlocale(LC_ALL, "");
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

void language_set_machine(bool machine)
{
    english = machine || !text_locale_is_utf8();
}
