#ifndef SIM_FAULT_ANSWER_H
#define SIM_FAULT_ANSWER_H

#include <stdbool.h>

#include "request.h"
#include "sim/faults.h"

/* Answers in place of the API if the fault says so: an error status, a proxy's page, an old
 * server's way to say that a list took too long. */
bool sim_fault_answer(struct sim_request *request, const struct sim_fault *fault);

#endif
