#ifndef DOC_YAML_TYPES_H
#define DOC_YAML_TYPES_H

#include "doc/yaml.h"

/* The type that an untagged, unquoted scalar has in a schema. */
enum doc_type yaml_type_of(enum doc_schema schema, const char *text);
/* The number that a text of type DOC_INT or DOC_FLOAT stands for. */
double yaml_number_of(enum doc_type type, const char *text);
/* The same for integers that fit into 64 bits; false if it does not. */
bool yaml_integer_of(const char *text, long long *value);
/* True for the words of type DOC_BOOL that mean true. */
bool yaml_truth_of(const char *text);
/* [-+]?digits(:digits)+ with an optional fraction: minutes or hours to YAML 1.1's base 60. */
bool yaml_is_base60(const char *text);
/* PyYAML's timestamps: 2020-01-01, or with a time of day behind it. */
bool yaml_is_python_date(const char *text);
/* What go-yaml's parseTimestamp() takes, by which kubectl quotes a text: dates that exist. */
bool yaml_is_go_time(const char *text);

#endif
