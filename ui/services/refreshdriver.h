// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/refresh/refreshrun.h"
#include "ui/services/serveraccess.h"

#include <QObject>

#include <thread>

namespace tidemark::ui {

/// Carries out one refresh plan at a time on threads of its own, and tells how it stands. A refresh needs no recovery: the
/// destructor cancels what runs, waits until the server has taken it back, and nothing is left. Lives on the GUI thread, which
/// never waits for a server before that.
class RefreshDriver : public QObject
{
    Q_OBJECT

public:
    RefreshDriver(std::shared_ptr<HistoryStore> history, const Clock &clock, QObject *parent = nullptr);
    ~RefreshDriver() override;

    /// Not while it runs.
    void start(const ServerAccess &access, const refresh::RefreshPlan &plan, const Confirmation &answer);
    /// Cancels what runs and begins nothing more.
    void stop();

    [[nodiscard]] bool isRunning() const { return m_isRunning; }
    /// As it is now, or as it ended; nothing before the first start, and where it could not begin.
    [[nodiscard]] std::optional<refresh::RefreshLook> look() const;

Q_SIGNALS:
    /// What stood in the way before anything was begun; nothing: look() tells the end.
    void ended(const std::optional<tidemark::Error> &error);

private:
    std::shared_ptr<HistoryStore> m_history;
    const Clock &m_clock;
    std::shared_ptr<refresh::RefreshRun> m_run;
    bool m_isRunning = false;
    std::jthread m_thread;
};

} // namespace tidemark::ui
