#!/bin/sh
# The manual pages are well formed, and name everything that the tables of the program name.
. "$TOP_SRCDIR/tests/lib.sh"

page() { # page NAME: the file of a manual page, made or kept
    if [ -f "$TOP_BUILDDIR/man/$1" ]; then echo "$TOP_BUILDDIR/man/$1"; else echo "$TOP_SRCDIR/man/$1"; fi
}

pages='pullmend.1 pullmend-sim.1 pullmend-config.5 pullmend-theme.5 pullmend-rules.7'
for name in $pages; do
    file=$(page "$name")
    check "there is a page $name" test -s "$file"
    refuse_text "$name has nothing left to fill in" '^@[A-Z]*@$' "$file"
    if command -v mandoc >/dev/null 2>&1; then
        check "$name is well formed" mandoc -T lint -W warning "$file"
    else
        skip "$name is well formed" "no mandoc"
    fi
done

# names NAME PATTERN WORDS PAGE: each word stands in the page, where PATTERN has @ for it
names() {
    names_name=$1 pattern=$2 words=$3 file=$(page "$4")
    : >"$work/missing"
    for word in $words; do
        grep -qE -- "$(echo "$pattern" | sed "s/@/$word/")" "$file" || echo "$word" >>"$work/missing"
    done
    if [ -n "$words" ] && [ ! -s "$work/missing" ]; then
        ok "$names_name"
    else
        not_ok "$names_name" "$work/missing"
    fi
}

# The tables themselves, from the sources.
options=$(sed -n '/define CLI_OPTIONS/,/^$/s/.*X([A-Z0-9_]*, "\([a-z0-9-]*\)".*/\1/p' "$TOP_SRCDIR/include/cli/options.h")
roles=$(sed -n '/define UI_ROLES/,/^$/s/.*X([A-Z]*, "\([a-z]*\)".*/\1/p' "$TOP_SRCDIR/include/ui/theme.h")
actions=$(sed -n '/define UI_ACTIONS/,/^$/s/.*X([A-Z0-9_]*, "\([a-z0-9-]*\)".*/\1/p' "$TOP_SRCDIR/include/ui/keys.h")
rules=$("$PULLMEND" explain | cut -d' ' -f1)
commands=$("$PULLMEND" --help | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p')
themes=$(cd "$TOP_SRCDIR/themes" && for theme in *.yaml; do echo "${theme%.yaml}"; done)

names "pullmend(1) names every flag" 'Fl Fl @( |$)' "$options" pullmend.1
names "pullmend(1) names every command" '(Cm|Nm pullmend) @( |$)' "$commands" pullmend.1
names "pullmend-rules(7) names every rule" '^\.Ss @ ' "$rules" pullmend-rules.7
names "pullmend-theme(5) names every role" '^\.It Cm @$' "$roles" pullmend-theme.5
names "pullmend-theme(5) names every theme that comes with the program" '^\.Cm @( [,.])?$' "$themes" pullmend-theme.5
names "pullmend-config(5) names every action" '^\.It Cm @ Pq' "$actions" pullmend-config.5

# --- The settings file ----------------------------------------------------------------------------
# What the page says can stand in the file can.
mkdir -p "$work/config/pullmend"
{
    echo 'theme: nord'
    echo 'driver: [storage.csi.upcloud.com]'
    echo 'keys: {fix: "f F4"}'
    echo 'presets: {mine: "state:broken"}'
} >"$work/config/pullmend/config.yaml"
expect_exit "the example of pullmend-config(5) is accepted" 0 \
    env XDG_CONFIG_HOME="$work/config" "$PULLMEND" explain secret-missing
for option in $options; do
    case $option in help | version | demo | from-docker-config) continue ;; esac
    echo "\"$option\": x" >"$work/config/pullmend/config.yaml"
    env XDG_CONFIG_HOME="$work/config" "$PULLMEND" explain secret-missing >"$work/out" 2>"$work/err"
    if grep -q 'no such setting' "$work/err"; then echo "$option" >>"$work/unknown"; fi
done
touch "$work/unknown"
check "every flag can stand in the settings file" diff /dev/null "$work/unknown"
echo 'no-such-thing: 1' >"$work/config/pullmend/config.yaml"
expect_exit "another word cannot" 3 env XDG_CONFIG_HOME="$work/config" "$PULLMEND" explain secret-missing
expect_text "and is told with its place" 'config\.yaml:1:1: ' "$work/err"
done_testing
