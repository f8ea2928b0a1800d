// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/pagecontext.h"
#include "ui/services/asyncrunner.h"
#include "ui/services/rundrivers.h"
#include "ui/services/runfollower.h"

#include <QObject>

class QAction;

namespace tidemark::ui {

/// What can be done about one run now, as actions: what cannot be done in its state is hidden, what the profile forbids is
/// disabled and says why. Each asks first as the profile wants it (core/plan/runorders.h), off the GUI thread for all that
/// reaches a server.
class RunActions : public QObject
{
    Q_OBJECT

public:
    /// Dialogs open over `parent`.
    RunActions(const PageContext &context, QWidget *parent);

    void setRun(const RunPlace &place, const LiveRun &run);
    /// Nothing can be done.
    void clear();

    [[nodiscard]] QList<QAction *> all() const;
    /// What it did as evidence for others, saved as HTML, PDF or JSON. It is there for every run, and changes nothing.
    [[nodiscard]] QAction *report() const { return m_report; }
    /// Those that bring a run to its end, one way or the other.
    [[nodiscard]] QList<QAction *> ending() const;

Q_SIGNALS:
    /// Asked for, and on its way.
    void told(const QString &text);
    void reportWritten(const QString &path);
    void failed(const tidemark::Error &error);

private:
    [[nodiscard]] RunSubject subject() const;
    [[nodiscard]] const Step *waitingStep() const;
    [[nodiscard]] bool hasSwapped() const;
    void update();
    void order(RunOrder order, const QJsonObject &detail = {});
    void perform(RunOrder order, const RunSubject &subject, const ServerAccess &access, const QJsonObject &detail,
                 const Confirmation &answer);
    void retune();
    void saveReport();
    void writeReport(const ServerAccess &access, const QString &path);

    PageContext m_context;
    QWidget *m_parent;
    RunPlace m_place;
    std::optional<LiveRun> m_run;
    QAction *m_proceed;
    QAction *m_resume;
    QAction *m_pause;
    QAction *m_retune;
    QAction *m_undo;
    QAction *m_cancel;
    QAction *m_report;
    LatestOnly m_asking;
    LatestOnly m_reporting;
    bool m_isAsking = false; ///< one request at a time: another would call it off
};

} // namespace tidemark::ui
