/* SPDX-License-Identifier: GPL-2.0 */
/* kselftest's harness, with more time: an emulated machine beside others is slow. */
#ifndef HELPERS_HARNESS_H
#define HELPERS_HARNESS_H

#include "kselftest_harness.h"

#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	120

#endif
