// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/store/history.h"
#include "ui/models/snapshots.h"
#include "ui/services/asyncrunner.h"

#include <memory>
#include <vector>

namespace tidemark::ui {

/// Where the past is read from. Called on worker threads.
class ReplaySource
{
public:
    virtual ~ReplaySource() = default;
    /// The server as it stood then; `live` tells its databases and its identity.
    [[nodiscard]] virtual Result<ServerSnapshotPtr> at(const ServerSnapshot &live, Instant moment) const = 0;
    [[nodiscard]] virtual Result<std::vector<TimelineMark>> marks(const ServerSnapshot &live,
                                                                  const TimeRange &range) const = 0;
};

/// A mark of the time bar and the server it is of.
struct ServerMark
{
    QString server;
    TimelineMark mark;
};

/// Asks a ReplaySource off the GUI thread; only the newest question of each kind is answered.
class Replayer : public QObject
{
    Q_OBJECT

public:
    Replayer(AsyncRunner &runner, std::shared_ptr<const ReplaySource> source, QObject *parent = nullptr);

    void replay(const Snapshots &live, Instant moment);
    void readMarks(const Snapshots &live, const TimeRange &range);
    /// Answers under way are dropped: back to live.
    void stop();

Q_SIGNALS:
    void replayed(const tidemark::ui::Snapshots &snapshots, tidemark::Instant moment);
    void failed(const tidemark::Error &error);
    void marksRead(const std::vector<tidemark::ui::ServerMark> &marks);

private:
    AsyncRunner &m_runner;
    std::shared_ptr<const ReplaySource> m_source;
    LatestOnly m_replaying;
    LatestOnly m_reading;
};

} // namespace tidemark::ui
