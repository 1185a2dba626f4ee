#include <config.h>

#include <locale.h>
#include <stdio.h>

#include "base/secret.h"

int main(int argc, char **argv)
{
    secret_harden_process();
    setlocale(LC_ALL, "");
    (void)argc;
    (void)argv;
    puts("pullmend " PACKAGE_VERSION);
    return 0;
}
