// SPDX-License-Identifier: GPL-2.0
/*
 * What holds an object, and which objects nothing holds.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helpers/harness.h"
#include "helpers/drm.h"
#include "helpers/file.h"
#include "helpers/kernel.h"
#include "helpers/mount.h"
#include "helpers/object.h"
#include "helpers/process.h"
#include "helpers/socket.h"
#include "helpers/table.h"

#define MB	(1UL << 20)

FIXTURE(holders)
{
	struct table *t;
	char id[ID_SIZE];
	int fd;
};

FIXTURE_SETUP(holders)
{
	self->t = NULL;
	self->fd = memfd_create("held", 0);
	ASSERT_EQ(0, ftruncate(self->fd, MB));
	id_of_fd(self->fd, self->id);
	ASSERT_STRNE("", self->id);
}

FIXTURE_TEARDOWN(holders)
{
	table_free(self->t);
}

/* How many holders the table has for the object, and the first one's row. */
static int rows_of(FIXTURE_DATA(holders) *self, int *row)
{
	table_free(self->t);
	self->t = table_read("holders");
	*row = row_with(self->t, 0, "id", self->id);
	return count_with(self->t, "id", self->id);
}

static void expect_only(struct __test_metadata *_metadata,
			FIXTURE_DATA(holders) *self, pid_t pid, int fds,
			int maps, int handles)
{
	int row;

	ASSERT_EQ(1, rows_of(self, &row));
	EXPECT_STREQ("process", cell(self->t, row, "by"));
	EXPECT_EQ(pid, number(self->t, row, "pid"));
	EXPECT_EQ(fds, number(self->t, row, "fds"));
	EXPECT_EQ(maps, number(self->t, row, "maps"));
	EXPECT_EQ(handles, number(self->t, row, "handles"));
	EXPECT_STREQ("-", cell(self->t, row, "detail"));
}

static void expect_no_process(struct __test_metadata *_metadata,
			      FIXTURE_DATA(holders) *self, int row)
{
	EXPECT_STREQ("-", cell(self->t, row, "pid"));
	EXPECT_STREQ("-", cell(self->t, row, "comm"));
	EXPECT_STREQ("-", cell(self->t, row, "uid"));
	EXPECT_EQ(0, number(self->t, row, "maps"));
	EXPECT_EQ(0, number(self->t, row, "handles"));
}

static void expect_unknown(struct __test_metadata *_metadata,
			   FIXTURE_DATA(holders) *self)
{
	int row;

	ASSERT_EQ(1, rows_of(self, &row));
	EXPECT_STREQ("unknown", cell(self->t, row, "by"));
	EXPECT_STREQ("-", cell(self->t, row, "detail"));
	EXPECT_EQ(0, number(self->t, row, "fds"));
	expect_no_process(_metadata, self, row);
}

static bool is_listed(FIXTURE_DATA(holders) *self)
{
	table_free(self->t);
	self->t = table_read("objects");
	return row_with(self->t, 0, "id", self->id) >= 0;
}

/* The inode number in the link /proc/PID/fd/FD: "socket:[N]". */
static ino_t inode_of(int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		die("cannot stat", "a socket");
	return st.st_ino;
}

/* The only row of the object that is about this socket; pid 0 for none. */
static void expect_in_flight(struct __test_metadata *_metadata,
			     FIXTURE_DATA(holders) *self, ino_t socket,
			     pid_t pid, int fds)
{
	char detail[24];
	int row, found = 0;

	snprintf(detail, sizeof(detail), "%lu", socket);
	for_each_row_with(row, self->t, "id", self->id) {
		if (strcmp(cell(self->t, row, "by"), "socket") ||
		    strcmp(cell(self->t, row, "detail"), detail))
			continue;
		found++;
		EXPECT_EQ(fds, number(self->t, row, "fds"));
		EXPECT_EQ(0, number(self->t, row, "maps"));
		if (!pid)
			expect_no_process(_metadata, self, row);
		else
			EXPECT_EQ(pid, number(self->t, row, "pid"));
	}
	EXPECT_EQ(1, found);
}

/* Nothing but this socket holds it. */
static void expect_only_in_flight(struct __test_metadata *_metadata,
				  FIXTURE_DATA(holders) *self, ino_t socket,
				  pid_t pid, int fds)
{
	int row;

	ASSERT_EQ(1, rows_of(self, &row));
	expect_in_flight(_metadata, self, socket, pid, fds);
}

TEST_F(holders, by_descriptors)
{
	int row;

	expect_only(_metadata, self, getpid(), 1, 0, 0);
	ASSERT_LE(0, dup(self->fd));
	ASSERT_EQ(900, dup2(self->fd, 900));
	expect_only(_metadata, self, getpid(), 3, 0, 0);
	row = row_with(self->t, 0, "id", self->id);
	EXPECT_STREQ("holders", cell(self->t, row, "comm"));
	EXPECT_EQ(0, number(self->t, row, "uid"));
}

TEST_F(holders, by_mappings)
{
	ASSERT_NE(MAP_FAILED, mmap(NULL, MB, PROT_READ, MAP_SHARED, self->fd,
				   0));
	ASSERT_NE(MAP_FAILED, mmap(NULL, MB, PROT_READ, MAP_SHARED, self->fd,
				   0));
	close(self->fd);
	expect_only(_metadata, self, getpid(), 0, 2, 0);
}

static void map_second_page(void *arg)
{
	if (mmap(NULL, 4096, PROT_READ, MAP_SHARED, *(int *)arg, 4096) ==
	    MAP_FAILED)
		_exit(1);
	close(*(int *)arg);
}

/* In the order of their offsets, mappings of two processes take turns. */
TEST_F(holders, by_mappings_that_take_turns)
{
	pid_t pid = start_child(map_second_page, &self->fd);
	char own[16];
	int row, i;

	ASSERT_LT(0, pid);
	for (i = 0; i < 3; i++)
		ASSERT_NE(MAP_FAILED, mmap(NULL, 4096, PROT_READ, MAP_SHARED,
					   self->fd, 2 * i * 4096));
	close(self->fd);
	ASSERT_EQ(2, rows_of(self, &row));
	snprintf(own, sizeof(own), "%d", getpid());
	for_each_row_with(row, self->t, "id", self->id) {
		EXPECT_EQ(0, number(self->t, row, "fds"));
		EXPECT_EQ(strcmp(cell(self->t, row, "pid"), own) ? 1 : 3,
			  number(self->t, row, "maps"));
	}
	stop_child(pid);
}

/* Each descriptor of each process, as /proc/PID/fd lists them. */
TEST_F(holders, as_proc_lists_them)
{
	char path[64], link[64];
	struct dirent *entry;
	int count = 0, i;
	DIR *dir;

	for (i = 0; i < 100; i++)
		ASSERT_LE(0, dup(self->fd));
	dir = opendir("/proc/self/fd");
	while ((entry = readdir(dir))) {
		ssize_t len;

		snprintf(path, sizeof(path), "/proc/self/fd/%.20s",
			 entry->d_name);
		len = readlink(path, link, sizeof(link) - 1);
		link[len < 0 ? 0 : len] = '\0';
		count += !strncmp(link, "/memfd:held", 11);
	}
	closedir(dir);
	expect_only(_metadata, self, getpid(), count, 0, 0);
	EXPECT_EQ(101, count);
}

/* The module reads slots that are far apart under several holds of the lock. */
TEST_F(holders, in_a_large_table)
{
	struct rlimit limit = { 200000, 200000 };
	int i, count = 1;

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
	for (i = 100; i < 200000; i += 997, count++)
		ASSERT_EQ(i, dup2(self->fd, i));
	for (i = 5000; i < 5100; i++, count++)
		ASSERT_EQ(i, dup2(self->fd, i));
	/* Numbers that are in both count once. */
	for (i = 100; i < 5100; i += 997)
		count -= i >= 5000;
	expect_only(_metadata, self, getpid(), count, 0, 0);
}

static void hold_as_user(void *arg)
{
	(void)arg;
	if (setgid(1234) || setuid(1234))
		_exit(1);
}

TEST_F(holders, of_another_user)
{
	pid_t pid = start_child(hold_as_user, NULL);
	int row;

	ASSERT_LT(0, pid);
	close(self->fd);
	expect_only(_metadata, self, pid, 1, 0, 0);
	row = row_with(self->t, 0, "id", self->id);
	EXPECT_EQ(1234, number(self->t, row, "uid"));
	stop_child(pid);
}

static void hold_with_three_ids(void *arg)
{
	(void)arg;
	if (setresgid(1111, 2222, 3333) || setresuid(1111, 2222, 3333))
		_exit(1);
}

/* As in a program whose file has the set-user-id bit. */
TEST_F(holders, by_the_effective_user)
{
	unsigned int real, effective;
	char path[64], *text, *ids;
	pid_t pid;
	int row;

	pid = start_child(hold_with_three_ids, NULL);
	ASSERT_LT(0, pid);
	close(self->fd);
	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	text = read_file(path);
	ASSERT_NE(NULL, text);
	ids = strstr(text, "\nUid:");
	ASSERT_NE(NULL, ids);
	ASSERT_EQ(2, sscanf(ids, "\nUid: %u %u", &real, &effective));
	ASSERT_NE(real, effective);
	free(text);
	expect_only(_metadata, self, pid, 1, 0, 0);
	row = row_with(self->t, 0, "id", self->id);
	EXPECT_EQ(effective, number(self->t, row, "uid"));
	stop_child(pid);
}

static const int socket_types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET };

TEST_F(holders, in_flight)
{
	unsigned int i;
	int pair[2], row;

	for (i = 0; i < ARRAY_SIZE(socket_types); i++) {
		ASSERT_EQ(0, socketpair(AF_UNIX, socket_types[i], 0, pair));
		ASSERT_EQ(0, send_fds(pair[0], &self->fd, 1, 0));
		ASSERT_EQ(2, rows_of(self, &row));
		EXPECT_STREQ("process", cell(self->t, row, "by"));
		EXPECT_EQ(1, number(self->t, row, "fds"));
		expect_in_flight(_metadata, self, inode_of(pair[1]), getpid(),
				 1);
		close(self->fd);
		expect_only_in_flight(_metadata, self, inode_of(pair[1]),
				      getpid(), 1);
		/* The sender is gone, and what it sent is not. */
		close(pair[0]);
		expect_only_in_flight(_metadata, self, inode_of(pair[1]),
				      getpid(), 1);
		ASSERT_LE(0, self->fd = receive_fd(pair[1]));
		expect_only(_metadata, self, getpid(), 1, 0, 0);
		close(pair[1]);
	}
}

/* As many as the module does not read under one hold of a lock. */
TEST_F(holders, in_flight_many_times)
{
	int pair[2], fds[100], i;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	for (i = 0; i < 100; i++)
		fds[i] = self->fd;
	for (i = 1; i <= 20; i++)
		ASSERT_EQ(0, send_fds(pair[0], fds, 5 * i, 0));
	/* Messages without descriptors are in between. */
	for (i = 0; i < 100; i++)
		ASSERT_EQ(1, write(pair[0], "y", 1));
	ASSERT_EQ(0, send_fds(pair[0], fds, 1, 0));
	close(self->fd);
	expect_only_in_flight(_metadata, self, inode_of(pair[1]), getpid(),
			      5 * 20 * 21 / 2 + 1);
}

static int listen_to(struct sockaddr_un *address, socklen_t *len)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	*len = sizeof(*address);
	address->sun_family = AF_UNIX;
	if (bind(fd, (void *)address, sizeof(sa_family_t)) || listen(fd, 10) ||
	    getsockname(fd, (void *)address, len))
		die("cannot listen", "a socket");
	return fd;
}

static int connect_to(const struct sockaddr_un *address, socklen_t len)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (connect(fd, (const void *)address, len))
		die("cannot connect", "a socket");
	return fd;
}

TEST_F(holders, in_a_connection_that_is_not_accepted)
{
	struct sockaddr_un address;
	int listener, client[3], accepted, i;
	socklen_t len;

	listener = listen_to(&address, &len);
	for (i = 0; i < 3; i++)
		client[i] = connect_to(&address, len);
	ASSERT_EQ(0, send_fds(client[1], &self->fd, 1, 0));
	ASSERT_EQ(0, send_fds(client[2], &self->fd, 1, 0));
	close(self->fd);
	for (i = 0; i < 3; i++)
		close(client[i]);
	expect_only_in_flight(_metadata, self, inode_of(listener), getpid(), 2);

	ASSERT_LE(0, accept(listener, NULL, NULL));
	accepted = accept(listener, NULL, NULL);
	ASSERT_LE(0, accepted);
	ASSERT_EQ(2, rows_of(self, &i));
	expect_in_flight(_metadata, self, inode_of(listener), getpid(), 1);
	expect_in_flight(_metadata, self, inode_of(accepted), getpid(), 1);
	close(listener);
	expect_only_in_flight(_metadata, self, inode_of(accepted), getpid(), 1);
}

TEST_F(holders, in_a_socket_that_is_in_flight)
{
	int inner[2], outer[2], listener, fd;
	struct sockaddr_un address;
	socklen_t len;
	ino_t socket;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_DGRAM, 0, inner));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, outer));
	ASSERT_EQ(0, send_fds(inner[0], &self->fd, 1, 0));
	ASSERT_EQ(0, send_fds(outer[0], &inner[1], 1, 0));
	socket = inode_of(inner[1]);
	ASSERT_EQ(2, rows_of(self, &fd));
	expect_in_flight(_metadata, self, socket, getpid(), 1);
	close(self->fd);
	close(inner[0]);
	close(inner[1]);
	expect_only_in_flight(_metadata, self, socket, 0, 1);

	/* The same once more: in flight to a connection that is not accepted. */
	listener = listen_to(&address, &len);
	fd = connect_to(&address, len);
	ASSERT_EQ(0, send_fds(fd, &outer[1], 1, 0));
	close(fd);
	close(outer[0]);
	close(outer[1]);
	expect_only_in_flight(_metadata, self, socket, 0, 1);
	close(listener);
}

/* Sockets in flight in each other's and their own queues, and one is open. */
TEST_F(holders, in_a_cycle_of_sockets)
{
	int one[2], two[2], row;
	ino_t first, second;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, one));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, two));
	first = inode_of(one[1]);
	second = inode_of(two[1]);
	ASSERT_EQ(0, send_fds(one[0], &one[1], 1, 0));
	ASSERT_EQ(0, send_fds(one[0], &two[1], 1, 0));
	ASSERT_EQ(0, send_fds(two[0], &two[1], 1, 0));
	ASSERT_EQ(0, send_fds(two[0], &one[1], 1, 0));
	ASSERT_EQ(0, send_fds(two[0], &one[1], 1, 0));
	ASSERT_EQ(0, send_fds(one[0], &self->fd, 1, 0));
	ASSERT_EQ(0, send_fds(two[0], &self->fd, 1, 0));
	ASSERT_EQ(0, send_fds(two[0], &self->fd, 1, 0));
	close(self->fd);
	close(one[0]);
	close(two[0]);
	close(two[1]);
	ASSERT_EQ(2, rows_of(self, &row));
	expect_in_flight(_metadata, self, first, getpid(), 1);
	expect_in_flight(_metadata, self, second, 0, 2);
}

#define CHAIN	2000

/* Each socket is in flight to the next one; ends with the last one of them. */
static void make_chain(struct __test_metadata *_metadata, int pair[2])
{
	struct rlimit limit = { 4 * CHAIN, 4 * CHAIN };
	int outer[2], i;

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
	for (i = 0; i < CHAIN; i++) {
		ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, outer));
		ASSERT_EQ(0, send_fds(outer[0], &pair[1], 1, 0));
		close(pair[0]);
		close(pair[1]);
		memcpy(pair, outer, sizeof(outer));
	}
}

/* No stack is that deep. */
TEST_F(holders, in_a_long_chain_of_sockets)
{
	int pair[2];
	ino_t socket;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	ASSERT_EQ(0, send_fds(pair[0], &self->fd, 1, 0));
	socket = inode_of(pair[1]);
	make_chain(_metadata, pair);
	close(self->fd);
	expect_only_in_flight(_metadata, self, socket, 0, 1);
}

/* Of those that could receive it, the lowest pid is told. */
TEST_F(holders, in_flight_to_processes)
{
	int pair[2];
	pid_t pid[2];
	ino_t socket;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	ASSERT_EQ(0, send_fds(pair[0], &self->fd, 1, 0));
	close(self->fd);
	ASSERT_EQ(2, start_sleepers(pid, 2));
	socket = inode_of(pair[1]);
	expect_only_in_flight(_metadata, self, socket, getpid(), 1);
	close(pair[1]);
	expect_only_in_flight(_metadata, self, socket,
			      pid[0] < pid[1] ? pid[0] : pid[1], 1);
	stop_child(pid[0]);
	expect_only_in_flight(_metadata, self, socket, pid[1], 1);
	stop_child(pid[1]);
	EXPECT_FALSE(is_listed(self));
}

/* A file of a tmpfs that never had a name, until linkat(2) gives it one. */
TEST_F(holders, file_without_a_name_in_flight)
{
	const char *dir = own_tmpfs(NULL);
	char path[64], link[64];
	int pair[2], row;

	ASSERT_NE(NULL, dir);
	self->fd = open(dir, O_TMPFILE | O_RDWR, 0600);
	if (self->fd < 0)
		SKIP(return, "no O_TMPFILE");
	id_of_fd(self->fd, self->id);
	expect_only(_metadata, self, getpid(), 1, 0, 0);
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	ASSERT_EQ(0, send_fds(pair[0], &self->fd, 1, 0));
	snprintf(path, sizeof(path), "%s/named", dir);
	close(self->fd);
	expect_only_in_flight(_metadata, self, inode_of(pair[1]), getpid(), 1);

	self->fd = receive_fd(pair[1]);
	ASSERT_LE(0, self->fd);
	expect_only(_metadata, self, getpid(), 1, 0, 0);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", self->fd);
	ASSERT_EQ(0, linkat(AT_FDCWD, link, AT_FDCWD, path, AT_SYMLINK_FOLLOW));
	ASSERT_EQ(0, send_fds(pair[0], &self->fd, 1, 0));
	close(self->fd);
	expect_only_in_flight(_metadata, self, inode_of(pair[1]), getpid(), 1);
	/* A name is left. */
	close(pair[1]);
	EXPECT_EQ(0, rows_of(self, &row));
}

/* Who receives has a part of the message, and all of its descriptors. */
TEST_F(holders, message_that_was_received_in_part)
{
	int pair[2], fd;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	ASSERT_EQ(0, send_fds_with(pair[0], "text", &self->fd, 1, 0));
	close(self->fd);
	expect_only_in_flight(_metadata, self, inode_of(pair[1]), getpid(), 1);
	fd = receive_fd(pair[1]);
	ASSERT_LE(0, fd);
	expect_only(_metadata, self, getpid(), 1, 0, 0);
}

/* Takes the descriptors of a message with its first byte, and drops them. */
static void *receive_parts(void *arg)
{
	char byte;

	while (read(*(int *)arg, &byte, 1) == 1)
		;
	return NULL;
}

static void *send_many(void *arg)
{
	const int *fds = arg;

	while (!send_fds_with(fds[100], "text", fds, 100, MSG_NOSIGNAL))
		;
	return NULL;
}

/* Those of the first message are taken while the module reads them. */
TEST_F_TIMEOUT(holders, received_in_part_meanwhile, 400)
{
	pthread_t sender, receiver;
	int fds[101], pair[2], i, row;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	for (i = 0; i < 100; i++)
		fds[i] = self->fd;
	fds[100] = pair[0];
	ASSERT_EQ(0, pthread_create(&sender, NULL, send_many, fds));
	ASSERT_EQ(0, pthread_create(&receiver, NULL, receive_parts, &pair[1]));
	/* A kernel that checks every access needs some time to meet it. */
	for (i = debug_kernel() ? 0 : 2400; i < 2500; i++) {
		ASSERT_LE(1, rows_of(self, &row));
		EXPECT_STREQ("process", cell(self->t, row, "by"));
		EXPECT_EQ(1, number(self->t, row, "fds"));
	}
	shutdown(pair[0], SHUT_RDWR);
	pthread_join(sender, NULL);
	pthread_join(receiver, NULL);
}

/* O_PATH keeps the inode of a socket, and neither the socket nor its queue. */
TEST_F(holders, in_flight_to_a_closed_socket)
{
	int pair[2], path;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	path = open_again(pair[1], O_PATH);
	ASSERT_LE(0, path);
	ASSERT_EQ(0, send_fds(pair[0], &self->fd, 1, 0));
	close(self->fd);
	expect_only_in_flight(_metadata, self, inode_of(pair[1]), getpid(), 1);
	close(pair[1]);
	EXPECT_FALSE(is_listed(self));
	close(path);
}

struct closer {
	int fd;
	volatile bool done;
};

static void *close_below_path(void *arg)
{
	struct closer *closer = arg;
	int pair[2], path;

	while (!closer->done) {
		if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair))
			abort();
		path = open_again(pair[1], O_PATH);
		send_fds(pair[0], &closer->fd, 1, 0);
		/* A peer keeps the socket, but not what is in flight. */
		close(pair[0]);
		close(pair[1]);
		close(path);
	}
	return NULL;
}

/*
 * A socket is freed before its inode says so: on v5.10 it takes as long as the
 * search for cycles of sockets in between.
 */
TEST_F(holders, sockets_closed_below_paths)
{
	struct closer closer = { .fd = self->fd };
	int pair[2], row, i;
	pthread_t thread;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	make_chain(_metadata, pair);
	ASSERT_EQ(0, pthread_create(&thread, NULL, close_below_path, &closer));
	for (i = 0; i < 50; i++) {
		ASSERT_LE(1, rows_of(self, &row));
		EXPECT_STREQ("process", cell(self->t, row, "by"));
	}
	closer.done = true;
	pthread_join(thread, NULL);
}

static void *receive_all(void *arg)
{
	char byte;

	while (recv(*(int *)arg, &byte, 1, 0) == 1)
		;
	return NULL;
}

/*
 * Messages arrive and are received while the module reads those before them: no
 * more are counted than there can be at a time, with one of each sender above the
 * limit.
 */
TEST_F_TIMEOUT(holders, messages_without_end, 400)
{
	int fds[101], pair[2], i, row, room = 2;
	pthread_t sender[2], receiver;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
	for (i = 0; i < 100; i++)
		fds[i] = self->fd;
	fds[100] = pair[0];
	while (!send_fds_with(pair[0], "text", fds, 100, MSG_DONTWAIT))
		room++;
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, pthread_create(&sender[i], NULL, send_many, fds));
	ASSERT_EQ(0, pthread_create(&receiver, NULL, receive_all, &pair[1]));
	for (i = debug_kernel() ? 900 : 0; i < 1000; i++) {
		ASSERT_LE(1, rows_of(self, &row));
		EXPECT_GE(100 * room,
			  sum_with(self->t, "fds", "by", "socket"));
	}
	shutdown(pair[0], SHUT_RDWR);
	shutdown(pair[1], SHUT_RDWR);
	for (i = 0; i < 2; i++)
		pthread_join(sender[i], NULL);
	pthread_join(receiver, NULL);
}

/* The kernel has these without a descriptor; which ones is in no public header. */
TEST_F(holders, of_a_loop_device)
{
	int control, number, device;
	char path[32];

	if (system("modprobe -q loop 2>/dev/null"))
		(void)0; /* It may be built in. */
	control = open("/dev/loop-control", O_RDWR);
	if (control < 0)
		SKIP(return, "no loop devices in this kernel");
	number = ioctl(control, LOOP_CTL_GET_FREE);
	ASSERT_LE(0, number);
	snprintf(path, sizeof(path), "/dev/loop%d", number);
	device = open(path, O_RDWR);
	ASSERT_LE(0, device);
	ASSERT_EQ(0, ioctl(device, LOOP_SET_FD, self->fd));
	close(self->fd);
	expect_unknown(_metadata, self);
	ASSERT_EQ(0, ioctl(device, LOOP_CLR_FD));
	close(device);
	EXPECT_TRUE(wait_until(!is_listed(self), 2));
}

TEST_F(holders, registered_with_io_uring)
{
	/* struct io_uring_params: 120 bytes, zeroes to ask for nothing. */
	char params[120] = {};
	int ring = syscall(SYS_io_uring_setup, 4, params);

	if (ring < 0)
		SKIP(return, "no io_uring in this kernel");
	/* IORING_REGISTER_FILES */
	ASSERT_EQ(0, syscall(SYS_io_uring_register, ring, 2, &self->fd, 1));
	close(self->fd);
	expect_unknown(_metadata, self);
	close(ring);
	EXPECT_TRUE(wait_until(!is_listed(self), 5));
}

/* Its id is its name, until it is removed. */
TEST_F(holders, segment_that_is_not_attached)
{
	int shmid, row;
	void *p;

	ASSERT_EQ(0, unshare(CLONE_NEWIPC));
	shmid = shmget(IPC_PRIVATE, MB, IPC_CREAT | 0600);
	id_of_segment(shmid, self->id);
	EXPECT_EQ(0, rows_of(self, &row));
	p = shmat(shmid, NULL, 0);
	expect_only(_metadata, self, getpid(), 0, 1, 0);
	shmdt(p);
	EXPECT_EQ(0, rows_of(self, &row));
	p = shmat(shmid, NULL, 0);
	shmctl(shmid, IPC_RMID, NULL);
	expect_only(_metadata, self, getpid(), 0, 1, 0);
	shmdt(p);
	EXPECT_FALSE(is_listed(self));
}

TEST_F(holders, file_that_a_path_leads_to)
{
	char path[128];
	int row;

	self->fd = own_tmpfs_file(NULL, path);
	ASSERT_LE(0, self->fd);
	id_of_fd(self->fd, self->id);
	expect_only(_metadata, self, getpid(), 1, 0, 0);
	close(self->fd);
	EXPECT_EQ(0, rows_of(self, &row));
}

/* The removed file of the upper layer: only the test holds it. */
static void expect_unlinked_below(struct __test_metadata *_metadata,
				  FIXTURE_DATA(holders) *self)
{
	struct table *objects = table_read("objects");
	int row;

	for (row = 0; row < objects->rows; row++)
		if (!strcmp("/upper/file", cell(objects, row, "name")) ||
		    strstr(cell(objects, row, "name"), "/work/work/"))
			if (strstr(cell(objects, row, "flags"), "unlinked"))
				break;
	ASSERT_GT(objects->rows, row);
	strcpy(self->id, cell(objects, row, "id"));
	table_free(objects);
	expect_only(_metadata, self, getpid(), 1, 0, 0);
}

/* As in a container whose layers are in memory. */
TEST_F(holders, file_of_an_overlay)
{
	const char *dir = own_tmpfs(NULL);
	int fd;

	ASSERT_NE(NULL, dir);
	ASSERT_EQ(0, chdir(dir));
	ASSERT_EQ(0, make_overlay_dirs());
	if (mount_overlay())
		SKIP(return, "no overlayfs in this kernel");
	fd = open("merged/file", O_CREAT | O_RDWR, 0600);
	ASSERT_EQ(1, write(fd, "x", 1));
	ASSERT_EQ(0, unlink("merged/file"));

	expect_unlinked_below(_metadata, self);
	close(fd);
}

/* As in a container inside a container. */
TEST_F(holders, file_of_an_overlay_on_an_overlay)
{
	const char *dir = own_tmpfs(NULL);
	int fd;

	ASSERT_NE(NULL, dir);
	ASSERT_EQ(0, chdir(dir));
	ASSERT_EQ(0, make_overlay_dirs());
	ASSERT_EQ(0, mkdir("empty", 0755));
	ASSERT_EQ(0, mkdir("twice", 0755));
	if (mount_overlay())
		SKIP(return, "no overlayfs in this kernel");
	fd = open("merged/file", O_CREAT | O_RDWR, 0600);
	ASSERT_EQ(1, write(fd, "x", 1));
	close(fd);
	if (mount("overlay", "twice", "overlay", 0, "lowerdir=merged:empty"))
		SKIP(return, "no overlay on an overlay in this kernel");
	fd = open("twice/file", O_RDONLY);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, unlink("merged/file"));

	expect_unlinked_below(_metadata, self);
	close(fd);
}

static void *hold_alone(void *arg)
{
	if (unshare(CLONE_FILES))
		abort();
	pthread_barrier_wait(arg);
	/* Until the other threads have closed theirs. */
	pthread_barrier_wait(arg);
	return NULL;
}

TEST_F(holders, thread_with_its_own_descriptors)
{
	pthread_barrier_t barrier;
	pthread_t id;

	pthread_barrier_init(&barrier, NULL, 2);
	ASSERT_EQ(0, pthread_create(&id, NULL, hold_alone, &barrier));
	pthread_barrier_wait(&barrier);
	expect_only(_metadata, self, getpid(), 2, 0, 0);
	close(self->fd);
	expect_only(_metadata, self, getpid(), 1, 0, 0);
	pthread_barrier_wait(&barrier);
	pthread_join(id, NULL);
	/* No holder is left, so the object is freed once the thread has ended. */
	EXPECT_TRUE(wait_until(!is_listed(self), 2));
}

TEST_F(holders, threads_that_share_are_counted_once)
{
	pthread_barrier_t barrier;
	pthread_t id;

	pthread_barrier_init(&barrier, NULL, 2);
	ASSERT_EQ(0, pthread_create(&id, NULL,
				    (void *(*)(void *))pthread_barrier_wait,
				    &barrier));
	expect_only(_metadata, self, getpid(), 1, 0, 0);
	pthread_barrier_wait(&barrier);
	pthread_join(id, NULL);
}

static void *wait_for_ever(void *arg)
{
	pthread_barrier_wait(arg);
	for (;;)
		pause();
	return NULL;
}

#define THREADS	4

/* The main thread ends, and the threads it has started do not. */
static pid_t start_headless(int ready)
{
	pthread_barrier_t barrier;
	pthread_t thread;
	pid_t pid = fork_child();
	int i;

	if (pid)
		return pid;
	pthread_barrier_init(&barrier, NULL, THREADS + 1);
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&thread, NULL, wait_for_ever, &barrier))
			_exit(1);
	pthread_barrier_wait(&barrier);
	if (write(ready, "x", 1) != 1)
		_exit(1);
	/* This ends only the thread; exit(3) would end all of them. */
	syscall(SYS_exit, 0);
	return -1;
}

static bool is_zombie(pid_t pid)
{
	char path[64], *text;
	bool zombie;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	text = read_file(path);
	zombie = text && strstr(text, "\nState:\tZ");
	free(text);
	return zombie;
}

TEST_F(holders, threads_without_a_main_thread)
{
	int ready[2];
	char byte;
	pid_t pid;

	ASSERT_EQ(0, pipe(ready));
	pid = start_headless(ready[1]);
	ASSERT_LT(0, pid);
	ASSERT_EQ(1, read(ready[0], &byte, 1));
	ASSERT_TRUE(wait_until(is_zombie(pid), 2));
	close(self->fd);
	expect_only(_metadata, self, pid, 1, 0, 0);
	stop_child(pid);
}

static void *start_the_next(void *arg)
{
	pthread_t next;

	usleep(1000);
	while (pthread_create(&next, NULL, start_the_next, arg))
		usleep(100);
	pthread_detach(next);
	return NULL;
}

static void follow_each_other(void *arg)
{
	pthread_t thread;
	int i;

	for (i = 0; i < 4; i++) {
		pthread_create(&thread, NULL, start_the_next, arg);
		pthread_detach(thread);
	}
	pthread_exit(NULL);
}

/* The module's walk of threads meets each one just as it ends. */
TEST_F(holders, threads_that_follow_each_other)
{
	pid_t pid = fork_child();
	struct table *t;
	int i, row;

	if (!pid)
		follow_each_other(NULL);
	close(self->fd);
	usleep(200000);
	for (i = 0; i < 60; i++) {
		t = table_read("holders");
		ASSERT_NE(NULL, t);
		row = row_with(t, 0, "id", self->id);
		ASSERT_LE(0, row);
		EXPECT_EQ(pid, number(t, row, "pid"));
		EXPECT_EQ(1, number(t, row, "fds"));
		table_free(t);
	}
	stop_child(pid);
}

static void map_and_close(void)
{
	int fd;
	char *p;

	for (;;) {
		fd = memfd_create("briefly", 0);
		if (ftruncate(fd, 4096))
			abort();
		p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		*p = 1;
		close(fd);
		usleep(300);
		munmap(p, 4096);
	}
}

/* Rows without a holder in 60 reads. */
static int unknown_holders(void)
{
	int unknown = 0, reads;
	struct table *t;

	for (reads = 0; reads < 60; reads++) {
		t = table_read("holders");
		if (!t)
			return -1;
		unknown += count_with(t, "by", "unknown");
		table_free(t);
	}
	return unknown;
}

/*
 * Held all the time, by a descriptor, a mapping, or both. But a busy machine may
 * stop a task just before its last fput(), when neither is left: seen twice in 60
 * reads. Ten were seen where the module did not wait for such tasks.
 */
TEST_F_TIMEOUT(holders, mapped_and_closed, 300)
{
	int unknown, rounds = 0, i;
	pid_t pid[3];

	for (i = 0; i < 3; i++) {
		pid[i] = fork_child();
		if (!pid[i])
			map_and_close();
	}
	do {
		unknown = unknown_holders();
	} while (unknown > 1 && ++rounds < 3);
	stop_children(pid, 3);
	EXPECT_LE(0, unknown);
	EXPECT_GE(1, unknown);
}

/* Processes that are not threads of one another, with one descriptor table. */
TEST_F(holders, table_that_processes_share)
{
	pid_t pid[3];
	int row;

	/* Each has a copy of the memory, but shares the descriptor table. */
	ASSERT_EQ(3, clone_sleepers(pid, 3, CLONE_FILES));
	/* The table counts once, for the lowest pid. */
	ASSERT_EQ(1, rows_of(self, &row));
	EXPECT_EQ(getpid(), number(self->t, row, "pid"));
	EXPECT_EQ(1, number(self->t, row, "fds"));
	EXPECT_EQ(4, number(self->t, row, "detail"));
	stop_children(pid, 3);
	expect_only(_metadata, self, getpid(), 1, 0, 0);
}

static int find_gpu(struct __test_metadata *_metadata,
		    FIXTURE_DATA(holders) *self, size_t size)
{
	struct table *t = table_read("objects");
	int row, found = 0;

	for_each_row_with(row, t, "kind", "gpu")
		if (number(t, row, "size") == size) {
			snprintf(self->id, sizeof(self->id), "%s",
				 cell(t, row, "id"));
			found++;
		}
	table_free(t);
	return found;
}

struct prime {
	uint32_t handle, flags;
	int32_t fd;
};

#define PRIME_HANDLE_TO_FD	_IOWR('d', 0x2d, struct prime)
#define PRIME_FD_TO_HANDLE	_IOWR('d', 0x2e, struct prime)

struct gem_close {
	uint32_t handle, pad;
};

#define GEM_CLOSE		_IOW('d', 0x09, struct gem_close)

static void import_buffer(void *arg)
{
	struct prime prime = { .fd = *(int *)arg };
	int card = open_vgem();

	if (card < 0 || ioctl(card, PRIME_FD_TO_HANDLE, &prime))
		_exit(1);
	close(prime.fd);
}

/* Held by handles in two processes, then only by a descriptor, then by none. */
TEST_F(holders, gpu_buffer)
{
	const size_t size = 12 * MB;
	struct gem_close gone = {};
	struct prime prime = {};
	int card = open_vgem(), row;
	pid_t pid;

	if (card < 0)
		SKIP(return, "no vgem: this kernel has no DRM node without a GPU");
	prime.handle = vgem_buffer(card, size, NULL);
	gone.handle = prime.handle;
	ASSERT_NE(0, prime.handle);
	ASSERT_EQ(1, find_gpu(_metadata, self, size));
	expect_only(_metadata, self, getpid(), 0, 0, 1);

	ASSERT_EQ(0, ioctl(card, PRIME_HANDLE_TO_FD, &prime));
	expect_only(_metadata, self, getpid(), 1, 0, 1);

	/* The child has this process's open node and one of its own. */
	pid = start_child(import_buffer, &prime.fd);
	ASSERT_LT(0, pid);
	ASSERT_EQ(2, rows_of(self, &row));
	EXPECT_EQ(3, sum_with(self->t, "handles", "id", self->id));
	stop_child(pid);

	ASSERT_EQ(0, ioctl(card, GEM_CLOSE, &gone));
	expect_only(_metadata, self, getpid(), 1, 0, 0);
	close(prime.fd);
	EXPECT_EQ(0, find_gpu(_metadata, self, size));
}

/* An exported buffer lives as long as its dentry, which O_PATH keeps. */
TEST_F(holders, gpu_buffer_by_path)
{
	const size_t size = 17 * MB;
	struct prime prime = {};
	int card = open_vgem(), path;

	if (card < 0)
		SKIP(return, "no vgem: this kernel has no DRM node without a GPU");
	prime.handle = vgem_buffer(card, size, NULL);
	ASSERT_NE(0, prime.handle);
	ASSERT_EQ(1, find_gpu(_metadata, self, size));
	ASSERT_EQ(0, ioctl(card, PRIME_HANDLE_TO_FD, &prime));
	path = open_again(prime.fd, O_PATH);
	ASSERT_LE(0, path);
	expect_only(_metadata, self, getpid(), 2, 0, 1);
	close(card);
	close(prime.fd);
	expect_only(_metadata, self, getpid(), 1, 0, 0);
	close(path);
	EXPECT_EQ(0, find_gpu(_metadata, self, size));
}

/* Mapped by the offset that the driver gave it, and without a handle. */
TEST_F(holders, gpu_buffer_that_is_mapped)
{
	const size_t size = 13 * MB;
	unsigned long long offset;
	struct gem_close gone = {};
	int card = open_vgem();
	void *p, *q;

	if (card < 0)
		SKIP(return, "no vgem: this kernel has no DRM node without a GPU");
	gone.handle = vgem_buffer(card, size, &offset);
	ASSERT_NE(0, gone.handle);
	ASSERT_EQ(1, find_gpu(_metadata, self, size));
	p = mmap(NULL, size, PROT_READ, MAP_SHARED, card, offset);
	ASSERT_NE(MAP_FAILED, p);
	q = mmap(NULL, size, PROT_READ, MAP_SHARED, card, offset);
	ASSERT_NE(MAP_FAILED, q);
	expect_only(_metadata, self, getpid(), 0, 2, 1);
	ASSERT_EQ(0, ioctl(card, GEM_CLOSE, &gone));
	expect_only(_metadata, self, getpid(), 0, 2, 0);
	munmap(q, size);
	expect_only(_metadata, self, getpid(), 0, 1, 0);
	munmap(p, size);
	EXPECT_EQ(0, find_gpu(_metadata, self, size));
	close(card);
}

/* More mappings than are read under one hold of a lock, of several buffers. */
TEST_F(holders, gpu_buffers_that_are_mapped_often)
{
	int card = open_vgem(), i, j;
	unsigned long long offset[3];
	void *p[3][300];

	if (card < 0)
		SKIP(return, "no vgem: this kernel has no DRM node without a GPU");
	for (i = 0; i < 3; i++)
		ASSERT_NE(0, vgem_buffer(card, (20 + i) * MB, &offset[i]));
	for (j = 0; j < 300; j++)
		for (i = 0; i < 3; i++) {
			p[i][j] = mmap(NULL, (20 + i) * MB, PROT_READ,
				       MAP_SHARED, card, offset[i]);
			ASSERT_NE(MAP_FAILED, p[i][j]);
		}
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(1, find_gpu(_metadata, self, (20 + i) * MB));
		expect_only(_metadata, self, getpid(), 0, 300, 1);
	}
	close(card);
	for (i = 0; i < 3; i++)
		for (j = 0; j < 300; j++)
			munmap(p[i][j], (20 + i) * MB);
}

/* The descriptor of the node is in flight, and all handles with it. */
TEST_F(holders, gpu_buffer_in_flight)
{
	const size_t size = 14 * MB;
	int card = open_vgem(), pair[2], nodes[2], row;

	if (card < 0)
		SKIP(return, "no vgem: this kernel has no DRM node without a GPU");
	ASSERT_NE(0, vgem_buffer(card, size, NULL));
	ASSERT_EQ(1, find_gpu(_metadata, self, size));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	nodes[0] = card;
	nodes[1] = card;
	ASSERT_EQ(0, send_fds(pair[0], nodes, 2, 0));
	close(card);
	ASSERT_EQ(1, rows_of(self, &row));
	EXPECT_STREQ("socket", cell(self->t, row, "by"));
	EXPECT_EQ(inode_of(pair[1]), number(self->t, row, "detail"));
	EXPECT_EQ(getpid(), number(self->t, row, "pid"));
	EXPECT_EQ(0, number(self->t, row, "fds"));
	EXPECT_EQ(1, number(self->t, row, "handles"));
	close(pair[1]);
	close(pair[0]);
	EXPECT_EQ(0, find_gpu(_metadata, self, size));
}

/* A virtio-gpu, which can show something and has its buffers in shmem. */
static int open_virtio_gpu(int *card)
{
	if (system("modprobe -q virtio_gpu 2>/dev/null"))
		return -1;
	wait_until(!access("/sys/class/graphics/fb0", F_OK), 5);
	return open_drm("virtio_gpu", card);
}

struct fb_add {
	uint32_t fb_id, width, height, pitch, bpp, depth, handle;
};

#define FB_ADD		_IOWR('d', 0xae, struct fb_add)
#define FB_REMOVE	_IOWR('d', 0xaf, unsigned int)

/* The handle is gone, and the framebuffer is not. */
TEST_F(holders, framebuffer)
{
	const size_t size = 15 * MB;
	struct gem_close gone = {};
	struct fb_add fb = {
		.width = size / 4096, .height = 1024, .bpp = 32, .depth = 24,
		.pitch = size / 1024,
	};
	int card, minor, row;

	card = open_virtio_gpu(&minor);
	if (card < 0)
		SKIP(return, "no virtio_gpu here");
	gone.handle = vgem_buffer(card, size, NULL);
	ASSERT_NE(0, gone.handle);
	fb.handle = gone.handle;
	ASSERT_EQ(0, ioctl(card, FB_ADD, &fb));
	ASSERT_EQ(1, find_gpu(_metadata, self, size));
	expect_only(_metadata, self, getpid(), 0, 0, 1);
	ASSERT_EQ(0, ioctl(card, GEM_CLOSE, &gone));
	ASSERT_EQ(1, rows_of(self, &row));
	EXPECT_STREQ("framebuffer", cell(self->t, row, "by"));
	EXPECT_EQ(minor, number(self->t, row, "detail"));
	EXPECT_EQ(0, number(self->t, row, "fds"));
	expect_no_process(_metadata, self, row);
	ASSERT_EQ(0, ioctl(card, FB_REMOVE, &fb.fb_id));
	EXPECT_TRUE(wait_until(!find_gpu(_metadata, self, size), 2));
	close(card);
}

/* More than are read while the device's lock is held. */
#define MANY_FRAMEBUFFERS	600

TEST_F(holders, framebuffer_behind_many)
{
	const size_t size = 17 * MB;
	struct fb_add fb = {
		.width = 64, .height = 64, .bpp = 32, .depth = 24, .pitch = 256,
	};
	struct gem_close gone = {};
	int card, minor, row, i;

	card = open_virtio_gpu(&minor);
	if (card < 0)
		SKIP(return, "no virtio_gpu here");
	fb.handle = vgem_buffer(card, MB, NULL);
	ASSERT_NE(0, fb.handle);
	for (i = 0; i < MANY_FRAMEBUFFERS; i++)
		ASSERT_EQ(0, ioctl(card, FB_ADD, &fb));
	gone.handle = vgem_buffer(card, size, NULL);
	ASSERT_NE(0, gone.handle);
	fb.handle = gone.handle;
	ASSERT_EQ(0, ioctl(card, FB_ADD, &fb));
	ASSERT_EQ(0, ioctl(card, GEM_CLOSE, &gone));
	ASSERT_EQ(1, find_gpu(_metadata, self, size));
	ASSERT_EQ(1, rows_of(self, &row));
	EXPECT_STREQ("framebuffer", cell(self->t, row, "by"));
	EXPECT_EQ(minor, number(self->t, row, "detail"));
	close(card);
	EXPECT_TRUE(wait_until(!find_gpu(_metadata, self, size), 2));
}

/* A handle of one device to the buffer of another one, and nothing else. */
TEST_F(holders, buffer_of_another_device)
{
	const size_t size = 16 * MB;
	struct gem_close gone = {};
	struct prime prime = {};
	int card, minor, importer;

	card = open_virtio_gpu(&minor);
	importer = open_vgem();
	if (card < 0 || importer < 0)
		SKIP(return, "no two DRM devices here");
	prime.handle = vgem_buffer(card, size, NULL);
	gone.handle = prime.handle;
	ASSERT_NE(0, prime.handle);
	ASSERT_EQ(1, find_gpu(_metadata, self, size));
	ASSERT_EQ(0, ioctl(card, PRIME_HANDLE_TO_FD, &prime));
	expect_only(_metadata, self, getpid(), 1, 0, 1);
	if (ioctl(importer, PRIME_FD_TO_HANDLE, &prime))
		SKIP(return, "vgem cannot import this buffer here");
	expect_only(_metadata, self, getpid(), 1, 0, 2);
	close(prime.fd);
	ASSERT_EQ(0, ioctl(card, GEM_CLOSE, &gone));
	close(card);
	expect_only(_metadata, self, getpid(), 0, 0, 1);
	close(importer);
	EXPECT_TRUE(wait_until(!is_listed(self), 2));
}

/* The console's buffer: the kernel holds it, and no process has a handle. */
TEST_F(holders, framebuffer_console)
{
	struct table *objects, *t;
	int card, fd, row, at, found = 0;
	unsigned int width, height;
	char minor[16], *size;

	fd = open_virtio_gpu(&card);
	size = read_file("/sys/class/graphics/fb0/virtual_size");
	if (!size || fd < 0)
		SKIP(return, "virtio_gpu shows no console here");
	close(fd);
	ASSERT_EQ(2, sscanf(size, "%u,%u", &width, &height));
	snprintf(minor, sizeof(minor), "%d", card);

	objects = table_read("objects");
	t = table_read("holders");
	for_each_row_with(row, objects, "kind", "gpu") {
		if (number(objects, row, "size") < 4ULL * width * height)
			continue;
		at = row_with(t, 0, "id", cell(objects, row, "id"));
		if (at < 0)
			continue;
		found++;
		EXPECT_STREQ("framebuffer", cell(t, at, "by"));
		EXPECT_STREQ(minor, cell(t, at, "detail"));
		EXPECT_STREQ("-", cell(t, at, "pid"));
	}
	EXPECT_EQ(1, found);
	table_free(objects);
	table_free(t);
}

/* A large table is read in several parts, between which its process may end. */
TEST_F(holders, exiting_processes_with_many_descriptors)
{
	struct rlimit limit = { 1000000, 1000000 };
	struct table *t;
	pid_t pid;
	int i;

	for (i = 0; i < 20; i++) {
		pid = fork_child();
		if (!pid) {
			if (setrlimit(RLIMIT_NOFILE, &limit) ||
			    dup2(self->fd, 999999) < 0)
				_exit(1);
			usleep(50000 + i * 3000);
			_exit(0);
		}
		do {
			t = table_read("holders");
			EXPECT_NE(NULL, t);
			table_free(t);
		} while (!wait_for_end(pid, 0));
	}
	expect_only(_metadata, self, getpid(), 1, 0, 0);
}

TEST_HARNESS_MAIN
