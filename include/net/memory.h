#ifndef NET_MEMORY_H
#define NET_MEMORY_H

/*
 * Call in main() before anything of libcurl or libcrypto: what these give back is wiped first,
 * since requests with credentials and answers with Secrets pass through their buffers. In a program
 * that does not call it they free as they like.
 */
void net_wipe_memory(void);

#endif
