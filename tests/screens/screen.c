/*
 * Screen tests: keys in, screens out. Runs a script (see README.md in this folder) against a real
 * program on a real pseudo-terminal and speaks TAP. `screen --update FILE` writes the expected
 * screens instead of comparing them. Without a file it tests itself.
 */
#include "script.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

static const char self_test[] =
    "size 40x10\n"
    "run /bin/sh -c 'printf \"hello\\\\n\"; read line; echo \"<$line>\"; "
    "printf \"caf\\303\\251 12345\"; read end; exit 3'\n"
    "test the text of a program is seen\n"
    "wait hello\n"
    "test keys reach the program\n"
    "keys a b<lt>c<Enter>\n"
    "wait <a b<c>\n"
    "test text is found behind other characters\n"
    "wait caf\303\251 12345\n"
    "match caf. [0-9]{5}$\n"
    "absent good bye\n"
    "plain\n"
    "test the exit code is seen\n"
    "keys <Enter>\n"
    "exit 3\n"
    "restored\n";

int main(int argc, char **argv)
{
    if (setlocale(LC_ALL, "C.UTF-8") == NULL) {
        puts("1..0 # SKIP no UTF-8 locale");
        return 0;
    }
    bool update = argc > 1 && strcmp(argv[1], "--update") == 0;
    const char *path = argv[update ? 2 : 1];
    if (path == NULL) {
        return script_run("self-test.screen", self_test, false);
    }
    char *text = script_read(path);
    if (text == NULL) {
        printf("Bail out! cannot read %s\n", path);
        return 99;
    }
    int code = script_run(path, text, update);
    free(text);
    return code;
}
