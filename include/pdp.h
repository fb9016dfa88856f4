/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_H
#define PDP_H

/*
 * libpdp: a policy decision point for HTTP APIs guarded by IAM actions.
 *
 *     METHOD + path template -> required IAM actions
 *                            -> allow or deny + Activity Tracker action
 *
 * Documents go through a loader into an immutable snapshot; a worker, one
 * per thread, decides requests against it.
 *
 * Where to read: pdp/base.h has the conventions, pdp(7) the overview and what
 * a gateway must do, pdp_decide(3) and pdp_snapshot_retain(3) small programs;
 * embed.c and gateway.c, installed with the documents, are whole ones.
 */

#include "pdp/base.h"
#include "pdp/catalog.h"
#include "pdp/decision.h"
#include "pdp/explain.h"
#include "pdp/loader.h"
#include "pdp/reason.h"
#include "pdp/report.h"
#include "pdp/request.h"
#include "pdp/snapshot.h"
#include "pdp/status.h"
#include "pdp/worker.h"

#endif
