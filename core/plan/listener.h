// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plan/journal.h"
#include "core/plan/runcontrol.h"

#include <functional>
#include <set>
#include <thread>

namespace tidemark {

/// The thread beside a run's work: it keeps the session that holds the run's advisory lock, takes up what is asked of the
/// run, and tells the governor's reasons. When its connection breaks, the work ends: the lock is gone.
class Listener
{
public:
    /// `heard` are the requests that this driver acted on in earlier attachments too; used on the listener's thread.
    Listener(pg::Session control, const Journal &journal, RunControl &runControl, std::set<qint64> &heard,
             std::function<void(const RunEvent &)> tell);
    ~Listener();
    Listener(const Listener &) = delete;
    Listener &operator=(const Listener &) = delete;

private:
    void listen(std::stop_token stop);
    [[nodiscard]] Status takeRequests(std::stop_token stop);
    [[nodiscard]] Status act(const RunRequest &request);
    [[nodiscard]] Status govern(std::stop_token stop);
    void tell(const QString &kind, const QString &text);

    pg::Session m_session;
    Journal m_journal;
    RunControl &m_control;
    std::set<qint64> &m_heard;
    std::function<void(const RunEvent &)> m_tell;
    std::optional<GovernorReading> m_reading;
    QStringList m_reasons;
    std::jthread m_thread; // last: it uses all of the above
};

} // namespace tidemark
