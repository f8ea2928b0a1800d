// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plan/runner.h"
#include "core/plan/runorders.h"
#include "ui/services/serveraccess.h"

#include <QObject>

#include <list>
#include <thread>

namespace tidemark::ui {

/// A run of a database of a watched server.
struct RunPlace
{
    QString server;
    QString database;
    qint64 id = 0;
    friend bool operator==(const RunPlace &, const RunPlace &) = default;
};

/// The runs that this window drives, each on a thread and sessions of its own. What they are is in their databases: the
/// destructor lets go of all of them, waits until each has, and any Tidemark can go on. Lives on the GUI thread, which never
/// waits for a server before that.
class RunDrivers : public QObject
{
    Q_OBJECT

public:
    RunDrivers(std::shared_ptr<HistoryStore> history, const Clock &clock, QObject *parent = nullptr);
    ~RunDrivers() override;

    /// Writes the plan down as a run and drives it. `started` is called on the GUI thread with its number, or with what
    /// stood in the way.
    void start(const ServerAccess &access, const QString &database, const Plan &plan, const RunSettings &settings,
               const Confirmation &answer, QObject *receiver, std::function<void(const Result<qint64> &)> started);
    /// Goes on with a run that nobody drives, or takes it back.
    void resume(const ServerAccess &access, const RunSubject &subject, const Confirmation &answer);
    void undo(const ServerAccess &access, const RunSubject &subject, const Confirmation &answer);

    [[nodiscard]] bool isDriving(const RunPlace &place) const;
    [[nodiscard]] QList<RunPlace> places() const;

Q_SIGNALS:
    /// A drive begins or ends: isDriving() is another.
    void changed();
    /// It ended; an error is of what stood before its first step, or of the step that failed.
    void ended(const tidemark::ui::RunPlace &place, const std::optional<tidemark::Error> &error);

private:
    struct Drive
    {
        RunPlace place;
        std::jthread thread;
    };
    /// What runs on the drive's thread: makes the run where it is not yet, and drives it.
    using Work = std::function<Result<RunResult>(std::stop_token stop)>;
    void launch(const RunPlace &place, Work work);
    void drive(const ServerAccess &access, RunOrder order, const RunSubject &subject, const Confirmation &answer);

    std::shared_ptr<HistoryStore> m_history;
    const Clock &m_clock;
    std::list<Drive> m_drives;
};

} // namespace tidemark::ui

Q_DECLARE_METATYPE(tidemark::ui::RunPlace)
