// SPDX-License-Identifier: GPL-2.0
/*
 * Descriptors in flight: sent over an AF_UNIX socket, and not received yet. They
 * are in the queue of the socket that would receive them. The queue of a listening
 * socket has connections that were not accepted yet, which have queues of their
 * own. Only structures of public headers are read.
 */
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/net.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <net/af_unix.h>
#include <net/scm.h>
#include <net/sock.h>
#include <net/tcp_states.h>

#include "compat.h"
#include "socket.h"

/*
 * Maximum number of messages without descriptors that are passed under one hold of
 * a queue's lock.
 */
#define SKB_BATCH	256

/*
 * Maximum number of messages that are read of a queue, as the way to the next one
 * is walked with its lock held. A queue has as many connections as listen(2)
 * allows, 4096 by default; but users can set net.unix.max_dgram_qlen of a network
 * namespace of theirs to any number.
 */
#define MAX_MESSAGES	8192

static bool is_listening(const struct sock *sk)
{
	return READ_ONCE(sk->sk_state) == TCP_LISTEN;
}

/**
 * shmstat_socket_has_fds - check whether there are descriptors in flight to a socket
 * @sk: the AF_UNIX socket; the caller keeps it
 *
 * Context: Any.
 * Return: true if there are some in its queue, or if it is a listening socket that
 *	has connections that were not accepted yet.
 */
bool shmstat_socket_has_fds(struct sock *sk)
{
	if (is_listening(sk))
		return !skb_queue_empty_lockless(&sk->sk_receive_queue);
	return atomic_read(&unix_sk(sk)->scm_stat.nr_fds) > 0;
}

/**
 * shmstat_socket_of - find the AF_UNIX socket of a file
 * @file: any file; the caller keeps it
 *
 * Context: Any.
 * Return: the socket if shmstat_socket_has_fds(), otherwise NULL.
 */
struct sock *shmstat_socket_of(const struct file *file)
{
	struct inode *inode = file_inode(file);
	struct sock *sk;

	/* A socket's name in a file system has no queue. */
	if (!S_ISSOCK(inode->i_mode) || inode->i_sb->s_magic != SOCKFS_MAGIC)
		return NULL;
	/* O_PATH keeps the inode of a socket that may have been closed and freed. */
	if (file->f_mode & FMODE_PATH)
		return NULL;
	sk = READ_ONCE(SOCKET_I(inode)->sk);
	if (!sk || sk->sk_family != AF_UNIX || !shmstat_socket_has_fds(sk))
		return NULL;
	return sk;
}

/**
 * shmstat_socket_get - keep a socket
 * @sk: the AF_UNIX socket; the caller keeps it until this returns
 *
 * This delays nothing but the free of its memory and of its network namespace: a
 * close empties its queue and tells its peer regardless of this reference.
 *
 * Context: Any.
 */
void shmstat_socket_get(struct sock *sk)
{
	sock_hold(sk);
}

/**
 * shmstat_socket_put - let go of a socket
 * @sk: the socket, after shmstat_socket_get()
 *
 * Context: Process context.
 */
void shmstat_socket_put(struct sock *sk)
{
	sock_put(sk);
}

/*
 * Where to go on: the message that was met last, if it is still in the queue.
 * Otherwise it was received, and all those before it. Messages move to the front
 * only, so one at the same address further back is another one.
 *
 * Those that arrive after the first call are not waited for: they can be received
 * and sent as fast as they are read.
 */
static struct sk_buff *find_message(struct sk_buff_head *queue,
				    struct shmstat_queue_position *position)
{
	struct sk_buff *skb;
	u32 index = 0;

	if (!position->begun) {
		position->begun = true;
		position->left = min_t(u32, skb_queue_len(queue), MAX_MESSAGES);
	}
	skb_queue_walk(queue, skb) {
		if (index > position->index)
			break;
		if (skb == position->skb) {
			position->index = index;
			return skb;
		}
		index++;
	}
	if (position->skb && position->left)
		position->left--;
	position->skb = NULL;
	position->index = 0;
	position->next = 0;
	return skb_peek(queue);
}

/* Returns true after the last descriptor of a message. */
static bool read_message(const struct sk_buff *skb,
			 struct shmstat_queue_position *position,
			 const struct shmstat_queue_visitor *visitor)
{
	const struct scm_fp_list *fds = UNIXCB(skb).fp;

	for (; fds && position->next < fds->count; position->next++)
		if (!visitor->file(fds->fp[position->next], visitor->arg))
			return false;
	return true;
}

/* Called with the queue's lock held. Returns true after the last message. */
static bool read_messages(struct sock *sk,
			  struct shmstat_queue_position *position,
			  const struct shmstat_queue_visitor *visitor)
{
	struct sk_buff_head *queue = &sk->sk_receive_queue;
	struct sk_buff *skb = find_message(queue, position);
	bool listening = is_listening(sk);
	unsigned int passed;

	for (passed = 0; skb && position->left && passed < SKB_BATCH; passed++) {
		position->skb = skb;
		if (listening) {
			if (!visitor->connection(skb->sk, visitor->arg))
				return false;
		} else if (!read_message(skb, position, visitor)) {
			return false;
		}
		skb = skb_peek_next(skb, queue);
		position->index++;
		position->next = 0;
		position->left--;
	}
	position->skb = skb;
	return !skb || !position->left;
}

/**
 * shmstat_queue_read - visit what is in the queue of a socket
 * @sk: the AF_UNIX socket; the caller has a reference
 * @position: how far it was read, zeroes at first
 * @visitor: what to do with what was there at first
 *
 * A receiver of a stream takes descriptors from a message that stays in the queue,
 * without the queue's lock, but with iolock. As it can wait for a page fault then,
 * nobody should wait for that lock.
 *
 * Context: Process context. Takes iolock of a stream socket, and the lock of its
 *	queue inside that, for as long as @visitor takes and the way to @position.
 * Return: 0 after the last descriptor; 1 if there are more; -EBUSY if somebody
 *	receives from it.
 */
int shmstat_queue_read(struct sock *sk, struct shmstat_queue_position *position,
		       const struct shmstat_queue_visitor *visitor)
{
	struct unix_sock *unix_sock = unix_sk(sk);
	bool is_stream = sk->sk_type == SOCK_STREAM;
	bool done;

	if (is_stream && !mutex_trylock(&unix_sock->iolock))
		return -EBUSY;
	spin_lock(&sk->sk_receive_queue.lock);
	done = read_messages(sk, position, visitor);
	spin_unlock(&sk->sk_receive_queue.lock);
	if (is_stream)
		mutex_unlock(&unix_sock->iolock);
	return !done;
}
