// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/runfollower.h"

#include "core/base/pause.h"
#include "core/stage/stagelag.h"

namespace tidemark::ui {

namespace {

constexpr Millis interval{700};
constexpr Millis intervalAtRest{3'000};
constexpr Millis retryInterval{2'000};
/// Reading the lag reads the capture's log.
constexpr int looksPerLag = 4;

pg::SessionOptions sessionOptions()
{
    pg::SessionOptions options;
    options.applicationName = QStringLiteral("tidemark watching a run");
    options.lockTimeout = Millis(1'000);
    options.statementTimeout = Millis(8'000);
    return options;
}

/// One place in the loop of the follower: what it knows from look to look.
class Follower
{
public:
    Follower(pg::ConnInfo info, qint64 run)
        : m_info(std::move(info))
        , m_watcher(run)
    {
    }

    Result<LiveRun> look(const std::stop_token &stop)
    {
        if (!m_session || !m_session->isAlive()) {
            m_session.reset();
            TIDEMARK_TRY(m_session, pg::Session::open(m_info, sessionOptions(), stop));
        }
        TIDEMARK_TRY(RunLook look, m_watcher.look(*m_session, stop));
        if (look.record.isOver())
            m_lag.reset();
        else if (m_looks++ % looksPerLag == 0)
            m_lag = stage::lagOf(*m_session, look, {.stop = stop});
        return LiveRun{std::move(look), m_lag};
    }

private:
    pg::ConnInfo m_info;
    RunWatcher m_watcher;
    std::optional<pg::Session> m_session;
    std::optional<CaptureLag> m_lag;
    int m_looks = 0;
};

} // namespace

void followRun(AsyncRunner &runner, QObject *receiver, LatestOnly &latest, const ServerAccess &access,
               const QString &database, qint64 run, std::function<void(const Result<LiveRun> &)> each)
{
    runner.follow<Result<LiveRun>>(
        receiver, latest,
        [info = connInfoOf(access, database), run](const std::stop_token &stop, const auto &tell) {
            Follower follower(info, run);
            while (!stop.stop_requested()) {
                auto live = follower.look(stop);
                const Millis pause = !live ? retryInterval : live->look.record.driven ? interval : intervalAtRest;
                tell(std::move(live));
                static_cast<void>(pauseFor(pause, stop));
            }
        },
        std::move(each));
}

} // namespace tidemark::ui
