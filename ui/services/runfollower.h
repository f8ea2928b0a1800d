// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/capture/reconciler.h"
#include "core/plan/runlook.h"
#include "ui/services/asyncrunner.h"
#include "ui/services/serveraccess.h"

namespace tidemark::ui {

/// A run as the screen shows it: one look, and how far the capture's log is behind.
struct LiveRun
{
    RunLook look;
    std::optional<CaptureLag> lag; ///< nothing where this run captures nothing now
};

/// Watches one run on a session of its own, off the GUI thread, until `latest` is asked again or the receiver is gone. A
/// lost server is tried again; `each` then gets the error meanwhile. Made and called on the GUI thread.
void followRun(AsyncRunner &runner, QObject *receiver, LatestOnly &latest, const ServerAccess &access,
               const QString &database, qint64 run, std::function<void(const Result<LiveRun> &)> each);

} // namespace tidemark::ui
