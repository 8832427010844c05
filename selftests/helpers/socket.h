/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HELPERS_SOCKET_H
#define HELPERS_SOCKET_H

/* Puts up to 100 descriptors into a socket's queue: 0 or -1. */
int send_fds(int socket, const int *fds, int count, int flags);
/* The same with this text. */
int send_fds_with(int socket, const char *text, const int *fds, int count,
		  int flags);
/* Receives one byte, and a descriptor that is sent with it: that, or -1. */
int receive_fd(int socket);

#endif /* HELPERS_SOCKET_H */
