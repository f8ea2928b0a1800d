// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/runstepmodel.h"
#include "ui/pages/pagecontext.h"
#include "ui/services/rundrivers.h"
#include "ui/services/runfollower.h"

#include <QTimer>
#include <QWidget>

class QTabWidget;

namespace tidemark::ui {

class DataTable;
class MessageBar;
class RunActions;
class RunStatus;
class TimeChart;

/// One run, live: where it stands and what it waits for, what can be done about it, rows a second with the times it was
/// held back, its steps and its journal. Reads the run from its database on a session of its own while it is seen; what
/// is shown is therefore the same whoever drives it.
class RunPanel : public QWidget
{
    Q_OBJECT

public:
    explicit RunPanel(const PageContext &context, QWidget *parent = nullptr);

    void setRun(const RunPlace &place, const QString &title);
    void clear();
    [[nodiscard]] const std::optional<RunPlace> &place() const { return m_place; }
    [[nodiscard]] const std::optional<LiveRun> &live() const { return m_live; }
    [[nodiscard]] DataTable *steps() const { return m_stepsView; }
    [[nodiscard]] DataTable *journal() const { return m_journalView; }
    /// The ordinal of the step whose row is current; 0 where none is.
    [[nodiscard]] int currentStep() const;
    [[nodiscard]] RunStatus *status() const { return m_status; }

Q_SIGNALS:
    void looked();
    void currentStepChanged();

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    [[nodiscard]] QWidget *makeButtons();
    void follow();
    void take(const Result<LiveRun> &live);
    void showChart();

    PageContext m_context;
    std::optional<RunPlace> m_place;
    std::optional<LiveRun> m_live;
    LatestOnly m_following;
    RunActions *m_actions;
    RunStatus *m_status;
    MessageBar *m_message;
    QTimer m_told;
    QString m_toldText;
    bool m_lost = false; ///< the message is of a look that failed
    TimeChart *m_chart;
    QTabWidget *m_tabs;
    RunStepModel *m_steps;
    RunEventModel *m_events;
    DataTable *m_stepsView;
    DataTable *m_journalView;
};

} // namespace tidemark::ui
