#ifndef SIM_SCHEMA_TYPES_H
#define SIM_SCHEMA_TYPES_H

/*
 * One line a type: its name, then fields as NAME:SPEC. SPEC is
 *   s i b q   string, integer, boolean, quantity (or anything scalar)     *  free JSON
 *   Type      an object                     {SPEC}  a map      [SPEC]  a list
 * followed by any of
 *   !         one value for server-side apply (lists are that without #)   %  since 1.22
 *   #k1,k2    server-side apply keys (# alone: a set)
 *   @key      strategic merge by that key (@ alone: of primitives)
 *   ~         retainKeys                    ^  always written
 * The last line is NULL.
 */
extern const char *const sim_schema_types[];

#endif
