// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/profile.h"
#include "ui/models/snapshots.h"

#include <QObject>

namespace tidemark::ui {

/// What pages know of the watching: the newest snapshot of each server, told on the GUI thread, stale ones dropped.
class MonitorFeed : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;

    [[nodiscard]] virtual Snapshots snapshots() const = 0;

    /// Begins to watch; a profile of the same name is replaced. Returns at once.
    virtual void watch(const Profile &profile, const QString &password) = 0;
    virtual void unwatch(const QString &server) = 0;
    virtual void setPaused(bool paused) = 0;
    virtual void setInterval(Millis interval) = 0;
    virtual void refreshNow() = 0;
    /// Reads this server now instead of at its next turn; the others are left alone.
    virtual void retry(const QString &server) = 0;

Q_SIGNALS:
    void serverUpdated(const tidemark::ui::ServerSnapshotPtr &snapshot);
    void serverRemoved(const QString &server);
};

} // namespace tidemark::ui
