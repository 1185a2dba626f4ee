#!/bin/sh
# Every message has a Simplified Chinese translation, and the program speaks it.
. "$TOP_SRCDIR/tests/lib.sh"

po=$TOP_SRCDIR/po/zh_CN.po
catalogues=$TOP_BUILDDIR/locale

# --- The catalogue against the sources ----------------------------------------------------------
if command -v xgettext >/dev/null 2>&1 && command -v msgcmp >/dev/null 2>&1; then
    check "the messages of the sources can be extracted" \
        sh -c 'sh "$1/po/extract.sh" "$1" >"$2"' - "$TOP_SRCDIR" "$work/new.pot"
    check "every message of the sources is translated" \
        msgcmp --use-untranslated "$po" "$work/new.pot"
    check "none is left untranslated or in doubt" sh -c \
        'LC_ALL=C msgfmt --statistics -o /dev/null "$1" 2>&1 | grep -Eq "^[0-9]+ translated messages\.$"' - "$po"
    msgcat --no-location --no-wrap --sort-output "$work/new.pot" | grep -v '^#' >"$work/new"
    msgcat --no-location --no-wrap --sort-output "$TOP_SRCDIR/po/pullmend.pot" |
        grep -v '^#' >"$work/old"
    check "po/pullmend.pot is up to date (make pot)" diff -u "$work/old" "$work/new"
else
    skip "the catalogue is complete" "no xgettext"
fi
if command -v msgfmt >/dev/null 2>&1; then
    check "conversions and line ends are those of the originals" \
        msgfmt -c -o "$work/checked.mo" "$po"
else
    skip "conversions and line ends are those of the originals" "no msgfmt"
fi

# --- Numbers ------------------------------------------------------------------------------------
# Where people write a decimal comma, templates and JSON still have a point.
mkdir "$work/comma"
if localedef -i de_DE -f UTF-8 "$work/comma/de_DE.UTF-8" >/dev/null 2>&1; then
    cp -R "$TOP_SRCDIR/tests/kubespray/checkout" "$work/checkout"
    chmod -R u+w "$work/checkout"
    template=roles/kubernetes-apps/csi_driver/upcloud/templates/numbers.yml.j2
    echo "n: {{ 1.5 }} {{ '2.25' | float }} {{ '%.1f' | format(3.75) }} {{ '[0.5]' | from_json }}" \
        >"$work/checkout/$template"
    expect_exit "numbers are rendered in German surroundings" 0 env LC_ALL=de_DE.UTF-8 \
        LOCPATH="$work/comma" ASAN_OPTIONS=detect_leaks=0 "$PULLMEND" kubespray render "$template" \
        --kubespray "$work/checkout" -i "$TOP_SRCDIR/tests/kubespray/inventories/one.yml"
    expect_text "they keep their decimal point" '^n: 1\.5 2\.25 3\.8 \[0\.5\]$' "$work/out"
else
    skip "numbers are rendered in German surroundings" "no localedef, or no German in it"
fi

# A Turkish i has no I for its capital: flags in the environment are found all the same.
if localedef -i tr_TR -f UTF-8 "$work/comma/tr_TR.UTF-8" >/dev/null 2>&1; then
    expect_exit "a Turkish environment is read" 2 env LC_ALL=tr_TR.UTF-8 LOCPATH="$work/comma" \
        ASAN_OPTIONS=detect_leaks=0 PULLMEND_REQUEST_TIMEOUT=soon "$PULLMEND" status --demo
    expect_text "with its i" 'request-timeout soon' "$work/err"
else
    skip "a Turkish environment is read" "no localedef, or no Turkish in it"
fi

# --- The program --------------------------------------------------------------------------------
# A locale that makes this C library look translations up: a Chinese one, one made here, or any other
# together with LANGUAGE (newer glibc takes C.UTF-8 for C and would not look).
unset LC_ALL LC_MESSAGES LANGUAGE
speak() {
    env PULLMEND_LOCALEDIR="$catalogues" LANGUAGE=zh_CN LANG="$CHINESE_LANG" \
        XDG_CONFIG_HOME="$work/none" "$@"
}
speaks_chinese() {
    speak "$PULLMEND" --help 2>&1 | grep -q '用法'
}
for CHINESE_LANG in zh_CN.UTF-8 C.UTF-8 en_US.UTF-8 made; do
    if [ $CHINESE_LANG = made ]; then
        CHINESE_LANG=zh_CN.UTF-8
        LOCPATH=$work/locales
        mkdir "$LOCPATH"
        localedef -i zh_CN -f UTF-8 "$LOCPATH/zh_CN.UTF-8" >/dev/null 2>&1 || :
        ASAN_OPTIONS=detect_leaks=0 # the C library keeps what LOCPATH gave it
        export LOCPATH ASAN_OPTIONS
    fi
    export CHINESE_LANG
    ! speaks_chinese || break
done
if ! speaks_chinese; then
    skip "the program speaks Chinese" "no catalogue, or no locale that this C library translates for"
    done_testing
fi

# Columns of a text on the terminal, by its bytes: a Chinese character has three and takes two.
width='function width(s, n) {
    gsub(/✗|✓|·|\342\200./, "x", s)
    gsub(/[\200-\277]/, "", s)
    n = length(s)
    gsub(/[^\340-\357]/, "", s)
    return n + length(s)
}'
# columns FILE LIMIT: every line fits.
columns() {
    LC_ALL=C awk -v limit="$2" "$width"'
        width($0) > limit { print FNR ": " width($0) " columns: " $0; bad = 1 }
        END { exit bad }' "$1"
}

# A locale that is not installed, as in small images: its language, in UTF-8, where C.UTF-8 can.
if [ "$CHINESE_LANG" = C.UTF-8 ]; then
    env PULLMEND_LOCALEDIR="$catalogues" LANG=zh_CN.UTF-8 LOCPATH="$work/none" \
        "$PULLMEND" --help >"$work/out" 2>&1
    expect_text "a locale that is not installed still tells the language" '用法' "$work/out"
fi
expect_exit "--help ends well" 0 speak "$PULLMEND" --help
expect_text "--help is Chinese" '用法：pullmend' "$work/out"
for command in status apply diff secret 'secret create' 'secret verify' 'kubespray fix' undo; do
    # shellcheck disable=SC2086
    speak "$PULLMEND" $command --help >"$work/help" 2>&1
    check "the Chinese help of $command fits 80 columns" columns "$work/help" 80
done
expect_exit "an unknown flag is an error" 2 speak "$PULLMEND" status --nonsense
expect_text "the error is told in Chinese" '未知标志 --nonsense' "$work/err"
expect_exit "a rule is explained" 0 speak "$PULLMEND" explain secret-missing
expect_text "in Chinese" '该 Secret 不存在' "$work/out"
expect_exit "machines are not" 0 speak "$PULLMEND" completion bash
refuse_text "a completion script stays English" '用法|显示' "$work/out"

if [ -x "$PULLMEND_SIM" ]; then
    expect_exit "status tells the findings" 1 speak "$PULLMEND" status --demo
    expect_text "the columns have Chinese heads" '^名称 .*拉取 Secret' "$work/out"
    expect_text "a finding is a Chinese sentence" '引用了不存在的 Secret kube-system/regcred' "$work/out"
    expect_text "the count has its measure word" '6 个 Pod' "$work/out"
    check "the columns stand below their heads" env LC_ALL=C awk "$width"'
        function place(line, text,    at) {
            at = index(line, text)
            return at ? width(substr(line, 1, at - 1)) : -1
        }
        NR == 1 { head = place($0, "拉取 Secret") }
        /regcred 不存在/ {
            seen = 1
            if (place($0, "✗") != head) { print head, place($0, "✗"), $0; exit 1 }
        }
        END { exit !seen }' "$work/out"
    if [ -x "$TOP_BUILDDIR/tests/screens/screen" ]; then
        check "the screens are Chinese, their columns straight" \
            "$TOP_BUILDDIR/tests/screens/screen" "$TOP_SRCDIR/tests/screens/chinese.screen"
    else
        skip "the screens are Chinese" "no libvterm"
    fi
    expect_exit "the same as JSON" 1 speak "$PULLMEND" status --demo -o json
    refuse_text "JSON stays English" '个 Pod|不存在' "$work/out"
    expect_text "its states are those of the documentation" '"state":[[:space:]]*"missing"' "$work/out"
    expect_exit "and as metrics" 1 speak "$PULLMEND" status --demo -o prometheus
    refuse_text "metrics stay English" '不存在|警告' "$work/out"
    # The journal keeps what happened, not the words that it was told in.
    . "$TOP_SRCDIR/tests/e2e/sim.sh"
    unset LC_ALL
    start_sim --scenario kubespray-upcloud --speed 240 --event-speed 240
    expect_exit "a change is made in English" 0 env LC_ALL=C.UTF-8 \
        "$PULLMEND" apply --create-secret regcred --empty --yes
    expect_text "and told in English" 'Secret kube-system/regcred: created' "$work/out"
    expect_exit "its history is read in Chinese" 0 speak "$PULLMEND" history
    expect_text "with a Chinese title" '创建 Secret kube-system/regcred' "$work/out"
    expect_exit "a change is taken back in Chinese" 0 speak "$PULLMEND" undo --yes
    expect_exit "its history is read in English" 0 env LC_ALL=C.UTF-8 "$PULLMEND" history
    expect_text "with an English title" 'Undo: Create Secret kube-system/regcred' "$work/out"
    expect_exit "as JSON" 0 speak "$PULLMEND" history -o json
    expect_text "it is English" '"title": *"Undo: Create Secret' "$work/out"
fi
done_testing
