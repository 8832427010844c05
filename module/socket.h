/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Descriptors in flight: sent over an AF_UNIX socket, and not received yet.
 */
#ifndef SHMSTAT_SOCKET_H
#define SHMSTAT_SOCKET_H

#include <linux/kconfig.h>
#include <linux/types.h>

struct file;
struct sk_buff;
struct sock;

/**
 * struct shmstat_queue_position - how far the queue of a socket was read
 * @skb: the message to go on from, only to be compared; NULL for the first one
 * @index: number of messages before it when it was met
 * @next: number of the descriptor in it to go on from
 * @left: number of messages that are to be read yet
 * @begun: @left is set
 */
struct shmstat_queue_position {
	const struct sk_buff *skb;
	u32 index;
	u32 next;
	u32 left;
	bool begun;
};

/**
 * struct shmstat_queue_visitor - what to do with what is in a queue
 * @file: called for each descriptor in flight, whose file is kept during the call
 * @connection: called for each connection that was not accepted yet, whose socket
 *	is kept during the call
 * @arg: passed to both
 *
 * Both are called with spinlocks held. If one returns false, reading ends, and
 * goes on with the same descriptor or connection.
 */
struct shmstat_queue_visitor {
	bool (*file)(const struct file *file, void *arg);
	bool (*connection)(struct sock *sk, void *arg);
	void *arg;
};

#if IS_ENABLED(CONFIG_UNIX)
struct sock *shmstat_socket_of(const struct file *file);
bool shmstat_socket_has_fds(struct sock *sk);
int shmstat_queue_read(struct sock *sk, struct shmstat_queue_position *position,
		       const struct shmstat_queue_visitor *visitor);
void shmstat_socket_get(struct sock *sk);
void shmstat_socket_put(struct sock *sk);
#else
static inline struct sock *shmstat_socket_of(const struct file *file)
{
	return NULL;
}

static inline bool shmstat_socket_has_fds(struct sock *sk)
{
	return false;
}

static inline int
shmstat_queue_read(struct sock *sk, struct shmstat_queue_position *position,
		   const struct shmstat_queue_visitor *visitor)
{
	return 0;
}

static inline void shmstat_socket_get(struct sock *sk)
{
}

static inline void shmstat_socket_put(struct sock *sk)
{
}
#endif

#endif /* SHMSTAT_SOCKET_H */
