# Writes scenario files as a C array of their lines, so that the program needs no file at run time.
function name_of(path) {
    sub(/^.*\//, "", path)
    sub(/\.yaml$/, "", path)
    return path
}
# gsub's treatment of backslashes differs between awks; splitting does not.
function join_with(text, mark, with,    parts, n, i, out) {
    n = split(text, parts, mark)
    out = parts[1]
    for (i = 2; i <= n; i++) out = out with parts[i]
    return out
}
BEGIN {
    count = 0
    print "/* Generated from src/sim/scenarios; do not edit. */"
    print "#include <stddef.h>"
    print ""
    print "#include \"sim/scenario_data.h\""
}
FNR == 1 {
    if (count > 0) print "    NULL,\n};"
    names[count] = name_of(FILENAME)
    print "static const char *const lines_" count "[] = {"
    count++
}
{
    line = join_with($0, "[\\\\]", "\\\\")
    line = join_with(line, "\"", "\\\"")
    print "    \"" line "\\n\","
}
END {
    if (count > 0) print "    NULL,\n};"
    print "const struct sim_scenario_data sim_scenario_data[] = {"
    for (i = 0; i < count; i++) print "    {\"" names[i] "\", lines_" i "},"
    print "    {NULL, NULL},"
    print "};"
}
