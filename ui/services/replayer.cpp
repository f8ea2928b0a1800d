// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/replayer.h"

namespace tidemark::ui {

Replayer::Replayer(AsyncRunner &runner, std::shared_ptr<const ReplaySource> source, QObject *parent)
    : QObject(parent)
    , m_runner(runner)
    , m_source(std::move(source))
{
}

void Replayer::replay(const Snapshots &live, Instant moment)
{
    m_runner.run(
        this, m_replaying,
        [source = m_source, live, moment](const std::stop_token &stop) -> Result<Snapshots> {
            Snapshots past;
            for (const ServerSnapshotPtr &server : live) {
                if (stop.stop_requested())
                    break;
                TIDEMARK_TRY(ServerSnapshotPtr then, source->at(*server, moment));
                past.insert(server->name, std::move(then));
            }
            return past;
        },
        [this, moment](Result<Snapshots> past) {
            if (past)
                Q_EMIT replayed(*past, moment);
            else
                Q_EMIT failed(past.error().within(tr("replaying the history")));
        });
}

void Replayer::readMarks(const Snapshots &live, const TimeRange &range)
{
    m_runner.run(
        this, m_reading,
        [source = m_source, live, range](const std::stop_token &) {
            std::vector<ServerMark> marks;
            for (const ServerSnapshotPtr &server : live) {
                // A server whose history cannot be read has no marks; replaying it says why.
                if (auto own = source->marks(*server, range)) {
                    for (TimelineMark &mark : *own)
                        marks.push_back({server->name, std::move(mark)});
                }
            }
            return marks;
        },
        [this](const std::vector<ServerMark> &marks) { Q_EMIT marksRead(marks); });
}

void Replayer::stop()
{
    m_replaying.cancel();
}

} // namespace tidemark::ui
