// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plan/pace.h"
#include "ui/services/runfollower.h"

#include <QWidget>

class QLabel;

namespace tidemark::ui {

class ProgressLine;
class StatusBadge;

/// Where a run stands, large: its state, how far the step is and how fast, what it waits for, and how much its capture
/// has yet to bring over.
class RunStatus : public QWidget
{
    Q_OBJECT

public:
    explicit RunStatus(QWidget *parent = nullptr);

    /// Another run: what was learned of the pace is void.
    void clear(const QString &title);
    void setRun(const LiveRun &run);
    /// What it says, line by line: for tests and assistive technology.
    [[nodiscard]] QString text() const;

private:
    void showProgress(const RunLook &look);
    void showWait(const LiveRun &run);

    Pace m_pace;
    StatusBadge *m_state;
    QLabel *m_title;
    QLabel *m_progressText;
    ProgressLine *m_progress;
    StatusBadge *m_wait;
    QLabel *m_waitText;
    QLabel *m_lag;
};

} // namespace tidemark::ui
