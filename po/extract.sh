#!/bin/sh
# extract.sh SRCDIR: writes the template of all messages to standard output. The tables that are
# macros (ui/keys.h, cli/options.h) are read by the places of their columns. Needs xgettext.
set -eu
cd "$1"
work=$(mktemp -d "${TMPDIR:-/tmp}/pullmend-pot.XXXXXX")
trap 'rm -rf "$work"' EXIT

set --
while read -r keyword format; do
    case $keyword in
    '' | \#*) continue ;;
    esac
    set -- "$@" "--keyword=$keyword"
    [ -z "$format" ] || set -- "$@" "--flag=$keyword:$format"
done <po/keywords

find include src -name '*.[ch]' ! -path '*/sim/*' | LC_ALL=C sort >"$work/files"
extract() { # extract FLAG...: adds to the template
    xgettext --from-code=UTF-8 --language=C --add-location=file --sort-by-file --no-wrap \
        --package-name=pullmend --copyright-holder='the authors of pullmend' \
        --add-comments=TRANSLATORS --output="$work/template.pot" "$@"
}
extract --keyword "$@" --files-from="$work/files"
# An empty cell is no message.
for table in include/ui/keys.h include/cli/options.h; do
    mkdir -p "$work/tables/${table%/*}"
    sed 's/, "",/, 0,/g' "$table" >"$work/tables/$table"
done
sed 's/charset=CHARSET/charset=UTF-8/' "$work/template.pot" >"$work/new"
mv "$work/new" "$work/template.pot"
extract --join-existing --directory="$work/tables" --keyword --keyword=X:4,6t include/ui/keys.h
extract --join-existing --directory="$work/tables" --keyword --keyword=X:6,6t include/ui/keys.h
extract --join-existing --directory="$work/tables" --keyword --keyword=X:7,7t include/cli/options.h

# The time of the extraction would make every template differ.
sed '/^"POT-Creation-Date:/d' "$work/template.pot"
