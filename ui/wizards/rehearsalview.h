// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plan/plan.h"
#include "core/store/confirmation.h"
#include "ui/models/rehearsalmodel.h"
#include "ui/pages/pagecontext.h"
#include "ui/services/asyncrunner.h"

#include <QWidget>

class QLabel;
class QPushButton;

namespace tidemark::ui {

class DataTable;
class StatusBadge;

/// Rehearses a plan on a scratch copy of its database, once that is confirmed, and shows what each step took and locked. The
/// copy is made, used and dropped off the GUI thread; stopping, or leaving the wizard, drops it as well.
class RehearsalView : public QWidget
{
    Q_OBJECT

public:
    RehearsalView(const PageContext &context, QWidget *parent);

    /// What would be rehearsed. Another plan than before forgets the rehearsal.
    void setPlan(const QString &server, const QString &database, const Plan &plan);
    void rehearse();
    [[nodiscard]] bool isRehearsing() const { return m_isRehearsing; }
    /// There is something to see.
    [[nodiscard]] bool hasBegun() const { return m_isRehearsing || m_rehearsal || m_error; }
    [[nodiscard]] DataTable *table() const { return m_table; }
    [[nodiscard]] QString sentence() const;

Q_SIGNALS:
    /// It began, ended, or was forgotten.
    void changed();
    void failed(const tidemark::Error &error);

private:
    void start(const Confirmation &answer);
    void take(const Result<Rehearsal> &rehearsal);
    void stop();
    void show();

    PageContext m_context;
    QString m_server;
    QString m_database;
    Plan m_plan;
    RehearsalModel *m_model;
    DataTable *m_table;
    StatusBadge *m_badge;
    QLabel *m_sentence;
    QLabel *m_notes;
    QPushButton *m_stop;
    LatestOnly m_rehearsing;
    std::optional<Rehearsal> m_rehearsal;
    std::optional<Error> m_error;
    QString m_progress;
    bool m_isRehearsing = false;
};

} // namespace tidemark::ui
