/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HELPERS_SOCKET_H
#define HELPERS_SOCKET_H

/* Puts up to 100 descriptors into a socket's queue: 0 or -1. */
int send_fds(int socket, const int *fds, int count, int flags);
/* Takes one out of it; -1 if there is none. */
int receive_fd(int socket);

#endif /* HELPERS_SOCKET_H */
